"""An independent model of the data plane, written from its specification alone.

Law: nothing here is derived from the C code; the only thing shared with it is the contract,
bpf/abi.h, through the names that are generated from it.
"""

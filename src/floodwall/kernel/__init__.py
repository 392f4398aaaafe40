"""The running kernel: BPF, netlink, sysctls and namespaces, and what of them exists here."""

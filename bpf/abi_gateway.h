/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a gateway keeps of connections to backends.  Part of the contract with Python: see abi.h. */
#ifndef FLOODWALL_ABI_GATEWAY_H
#define FLOODWALL_ABI_GATEWAY_H

/* Key of flows: a connection as it looks outside. */
struct fw_flow_key {
	struct fw_addr client;
	struct fw_addr service;
	__be16 client_port;
	__be16 service_port;
};
_Static_assert(sizeof(struct fw_flow_key) == 36, "fw_flow_key");

/* How far a spliced connection has come. */
enum fw_flow_state {
	FW_FLOW_OPENING = 0, /* the client is proven, its backend has not answered yet */
	FW_FLOW_OPEN = 1,    /* both ends are there: numbers are shifted */
	FW_FLOW_ENDED = 2,   /* as open, but a FIN or RST was seen: the ports may be used again */
	FW_FLOW_STATE_MAX,
};

/* A connection whose SYN-ACK was ours: how what the client was told differs from the backend. */
struct fw_flow {
	__u32 client_isn;
	__u32 cookie;	     /* the ISN that the client was told */
	__u32 shift;	     /* cookie - ISN of the backend */
	__u32 stamp;	     /* the TSval that the client was told */
	__u32 stamp_shift;   /* stamp - first TSval of the backend */
	__u16 window;	     /* of the ACK that proved the client, scaled by the client */
	__u8 state;	     /* enum fw_flow_state */
	__u8 backend_wscale; /* what the backend said; the client was told agreed.rcv_wscale */
	struct fw_handover agreed;
	__u32 zero;
};
_Static_assert(sizeof(struct fw_flow) == 48, "fw_flow");

/* A handshake that passes a calm gateway, until it is completed. */
struct fw_greet {
	__u64 tuple;  /* hash of the addresses and ports; 0 = nobody */
	__u32 seq;    /* of the SYN */
	__u32 ack;    /* that completes it, once `answered` */
	__u8 offered; /* enum fw_option */
	__u8 answered;
	__u8 zero[6];
};
_Static_assert(sizeof(struct fw_greet) == 24, "fw_greet");

/* What a backend's own SYN-ACKs say.  Read and written as one word. */
struct fw_offer {
	__u16 mss; /* 0 = never seen */
	__u8 window_scale;
	__u8 options; /* enum fw_option: what it accepts */
	__u8 known;   /* enum fw_option: what it was seen to accept or to refuse */
	__u8 zero[3];
};
_Static_assert(sizeof(struct fw_offer) == 8, "fw_offer");

/* One element of offers, by service.  A cookie is bound to the offer that it was made by. */
struct fw_offers {
	struct fw_offer now;
	struct fw_offer before;
	__u64 changes;
};
_Static_assert(sizeof(struct fw_offers) == 24, "fw_offers");

#endif

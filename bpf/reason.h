/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Every way out of the data plane, by name.  Part of the contract with Python: see abi.h. */
#ifndef FLOODWALL_REASON_H
#define FLOODWALL_REASON_H

/* Why a packet left the data plane the way it did.  One counter each, docs/modes.md lists them. */
enum fw_reason {
	FW_PASS_NOT_IP = 0,	   /* neither IPv4 nor IPv6, or an Ethernet header cut short */
	FW_PASS_TOO_MANY_TAGS,	   /* more VLAN tags than FW_VLAN_MAX */
	FW_PASS_BAD_IP,		   /* IP header cut short or impossible: the stack drops it */
	FW_PASS_EXT_HEADERS,	   /* IPv6 chain too long or not understood */
	FW_PASS_NOT_TCP,	   /* another protocol */
	FW_PASS_LATER_FRAGMENT,	   /* a fragment that is not the first */
	FW_PASS_BAD_TCP,	   /* TCP header cut short or impossible: the stack drops it */
	FW_PASS_NOT_SERVICE,	   /* TCP to something that is not protected */
	FW_PASS_CLOSED_PORT,	   /* SYN to a port without listener, within the budget */
	FW_PASS_LEASE_OVER,	   /* the daemon is gone and its lease ran out */
	FW_PASS_OBSERVED,	   /* the service is only observed */
	FW_PASS_KNOWN_SYN,	   /* SYN of a socket that exists: a retransmission or TIME_WAIT */
	FW_PASS_CALM_SYN,	   /* SYN to a calm service from a source that owes little */
	FW_PASS_CALM_ACK,	   /* not a SYN, service calm: not looked up */
	FW_PASS_ESTABLISHED,	   /* belongs to a connection, request or TIME_WAIT socket */
	FW_PASS_NO_LISTENER,	   /* no socket at all: the listener has just gone */
	FW_PASS_UNTRACKED,	   /* armed, but there is no connection tracking to ask */
	FW_PASS_COOKIE,		   /* our cookie is valid: handed over to the listener */
	FW_PASS_SPLICED,	   /* of a spliced connection: tc shifts its numbers */
	FW_PASS_FOLLOWER,	   /* close behind a valid cookie: its connection is being made */
	FW_PASS_STACK_COOKIE,	   /* the kernel's own cookie is valid */
	FW_PASS_NEVER_BAN,	   /* would have been dropped, but the source is protected */
	FW_PASS_AUTHENTICATED_SYN, /* SYN with TCP-MD5 or TCP-AO, within the budget */
	FW_PASS_UNANSWERABLE,  /* SYN that could not be turned into a reply; the stack decides */
	FW_CHALLENGE_FLOOD,    /* the service is armed */
	FW_CHALLENGE_SOURCE,   /* calm, but the address owes too many handshakes */
	FW_CHALLENGE_PORT,     /* calm, but the address and port owe too many */
	FW_CHALLENGE_PREFIX,   /* calm, but the prefix owes too many */
	FW_CHALLENGE_REUSED,   /* calm, but the ports are those of a spliced connection */
	FW_CHALLENGE_RATE,     /* calm, but above a hard rate of the operator's */
	FW_DROP_BANNED,	       /* single address banned */
	FW_DROP_BANNED_NET,    /* prefix banned */
	FW_DROP_BAD_FLAGS,     /* SYN with FIN or RST */
	FW_DROP_BAD_SOURCE,    /* SYN from an address or port that cannot be a client */
	FW_DROP_TINY_FRAGMENT, /* first fragment without a whole TCP header */
	FW_DROP_NO_ROOM,       /* a follower, but the accept queue is full: the stack would reset */
	FW_DROP_RATE,	       /* above a hard rate, and the operator wants it dropped */
	FW_DROP_BAD_ACK,       /* neither connection nor valid cookie */
	FW_DROP_CLOSED_PORT,   /* SYN to a port without listener, over the budget */
	FW_DROP_AUTHENTICATED_SYN, /* SYN with TCP-MD5 or TCP-AO, over the budget */
	FW_TC_HANDED_OVER,	   /* tc gave the request to the listener */
	FW_TC_REFUSED,		   /* the kernel refused the request; the packet goes on alone */
	FW_TC_OPENING,		   /* a proven client's ACK went on to the backend as its SYN */
	FW_TC_SPLICED,		   /* the backend answered: both ends are joined */
	FW_TC_EARLY,		   /* data before the backend answered: dropped, it is sent again */
	FW_REASON_MAX,
};

#endif

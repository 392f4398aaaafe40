/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The maps that only the data plane of a gateway has. */
#ifndef FLOODWALL_GATEWAY_MAPS_H
#define FLOODWALL_GATEWAY_MAPS_H

#include "maps.h"

FW_MAP(BPF_MAP_TYPE_LRU_HASH, flows, struct fw_flow_key, struct fw_flow, FW_FLOWS_MAX, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, greets, __u32, struct fw_greet, FW_GREETS, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, spliced, __u32, __u32, 1, 0);
FW_MAP(BPF_MAP_TYPE_ARRAY, offers, __u32, struct fw_offers, FW_SERVICES_MAX, 0);

#endif

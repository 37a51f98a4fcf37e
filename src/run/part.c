#include "part.h"

#include "../script/script.h"
#include "run.h"

void part_config(const struct script_part *part, struct run_config *config)
{
    config->part = part->name[0] != '\0' ? part->name : NULL;
    config->node_names = (const char *const *)part->names;
    config->node_count = part->name_count;
    config->process_count = part->process_count;
    config->follow_disks = part->disk;
    config->network = part->network;
    config->latency_ns = part->latency_ns;
    config->latency_dist = (enum latency_dist)part->latency_dist;
}

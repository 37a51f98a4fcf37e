#include "lin_decide.h"

#include "lin_input.h"
#include "lin_jit.h"
#include "lin_model.h"
#include "lin_space.h"

void lin_decide(struct lin_input *in, struct lin_part *part, uint64_t budget,
                struct lin_space **ret_space, struct lin_result *ret_result)
{
    *ret_space = lin_space_new(in, part);
    lin_jit(*ret_space, part, budget, ret_result, NULL);
}

-- work: computing inside a node. Each request does ROUNDS rounds of a xorshift; bench/virtual.sh puts
-- the number in and compares the CPU time with that of the same program without eddy.

return workload {
    name = "work",
    summary = "A node computes for a while.",
    requests = { work = { value = "integer" } },

    op = function()
        return { f = "work", value = ROUNDS }
    end,

    invoke = function(_, client, op)
        return client:call({ type = "work", rounds = op.value }).value
    end,

    check = { "stats" },
}

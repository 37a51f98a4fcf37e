-- pn-counter: a counter that goes up and down, replicated on every node.

return workload {
    name = "pn-counter",
    summary = "Increments and decrements on any node must all be in the sum that every node ends with.",
    requests = {
        add = {},
        read = { value = "integer" },
    },
    errors = "indefinite",

    op = function(w)
        if w:random(2) == 1 then
            return { f = "read", value = null }
        end
        return { f = "add", value = w:random(-5, 4) }
    end,

    invoke = function(w, client, op)
        if op.f == "add" then
            client:call({ type = "add", delta = op.value })
            return op.value
        end
        return client:call({ type = "read" }).value
    end,

    final = function()
        return once { f = "read", value = null }
    end,

    check = { "counter" },
}

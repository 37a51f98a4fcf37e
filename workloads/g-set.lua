-- g-set: a set that only grows, replicated on every node.

return workload {
    name = "g-set",
    summary = "Elements added to any node must show up in the set on every node.",
    requests = {
        add = {},
        read = { value = "list or null" },
    },
    errors = "indefinite",

    begin = function(w)
        w.state.next_element = 0
    end,

    op = function(w)
        if w:random(2) == 1 then
            return { f = "read", value = null }
        end
        local element = w.state.next_element
        w.state.next_element = element + 1
        return { f = "add", value = element }
    end,

    invoke = function(w, client, op)
        if op.f == "add" then
            client:call({ type = "add", element = op.value })
            return op.value
        end
        local value = client:call({ type = "read" }).value
        return value == null and array {} or value
    end,

    final = function()
        return once { f = "read", value = null }
    end,

    check = function(w)
        return { "set-full", add = "add", read = "read",
            maelstrom_verdict = w.options.maelstrom_verdict }
    end,
}

-- broadcast: a number told to one node must in the end be known to all of them.

return workload {
    name = "broadcast",
    summary = "Numbers told to any node must reach every node, through partitions too.",
    requests = {
        topology = {},
        broadcast = {},
        read = { messages = "list or null" },
    },
    idempotent = { read = true },

    begin = function(w)
        w.state.next_message = 0
    end,

    setup = function(w, client)
        client:call({ type = "topology", topology = w:topology() })
    end,

    op = function(w)
        if w:random(2) == 1 then
            return { f = "read", value = null }
        end
        local message = w.state.next_message
        w.state.next_message = message + 1
        return { f = "broadcast", value = message }
    end,

    invoke = function(w, client, op)
        if op.f == "broadcast" then
            client:call({ type = "broadcast", message = op.value })
            return op.value
        end
        local messages = client:call({ type = "read" }).messages
        return messages == null and array {} or messages
    end,

    final = function()
        return once { f = "read", value = null }
    end,

    check = function(w)
        return { "set-full", add = "broadcast", read = "read",
            maelstrom_verdict = w.options.maelstrom_verdict }
    end,
}

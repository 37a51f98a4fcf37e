-- echo: a client sends a text and wants the same text back.

return workload {
    name = "echo",
    summary = "Each client sends a text and wants the very same text back.",
    requests = { echo = { echo = "any" } },

    op = function(w)
        return { f = "echo", value = "Please echo " .. w:random(0, 127) }
    end,

    invoke = function(w, client, op)
        return client:call({ type = "echo", echo = op.value }).echo
    end,

    check = { "echo" },
}

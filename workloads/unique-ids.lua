-- unique-ids: every answer is an identifier that no answer was before, on any node.

return workload {
    name = "unique-ids",
    summary = "Clients ask for identifiers; no two answers may be the same.",
    requests = { generate = { id = "any" } },
    keeps_clients = true,

    op = function()
        return { f = "generate", value = null }
    end,

    invoke = function(w, client)
        return client:call({ type = "generate" }).id
    end,

    check = { "unique-ids" },
}

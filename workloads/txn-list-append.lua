-- txn-list-append: lists that transactions append to and read.
--
-- Some keys are in use at a time, later ones more often than earlier ones; a key that has
-- been written as often as --max-writes-per-key allows gives its place to a new one.

return workload {
    name = "txn-list-append",
    summary = "Transactions append to lists and read them; what they saw must fit the consistency model.",
    requests = { txn = { txn = "list" } },
    keeps_clients = true,

    begin = function(w)
        w.state.keys = key_pool(w)
    end,

    op = function(w)
        local txn = array {}
        for i = 1, w:random(w.options.max_txn_length) do
            if w:random(2) == 1 then
                txn[i] = array { "r", w.state.keys:pick(), null }
            else
                local key, value = w.state.keys:write()
                txn[i] = array { "append", key, value }
            end
        end
        return { f = "txn", value = txn }
    end,

    invoke = function(w, client, op)
        return client:call({ type = "txn", txn = op.value }).txn
    end,

    check = function(w)
        return { "list-append", consistency_models = w.options.consistency_models,
            maelstrom_verdict = w.options.maelstrom_verdict }
    end,
}

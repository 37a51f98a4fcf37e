-- model.lua: a tally against its model; equal numbers of two clients are two requests.

return task {
    nodes = 1,
    run = function(w)
        w:step("as the model", function()
            local cs = { w:client(), w:client() }
            w:model {
                steps = 200,
                state = { total = 0, seen = {} },
                draw = function(state, random)
                    return { who = random(1, 2), id = random(1, 30), amount = random(1, 5) }
                end,
                expect = function(state, op)
                    local key = op.who .. "/" .. op.id
                    if not state.seen[key] then state.total = state.total + op.amount end
                    state.seen[key] = true
                    return state.total
                end,
                ask = function(op)
                    return cs[op.who]:ask("n0", { type = "tally", amount = op.amount, msg_id = op.id }).total
                end,
            }
        end)
    end,
}

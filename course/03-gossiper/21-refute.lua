-- Task 21: suspicion, refutation, incarnations. First the rules, on one node; then a cluster that lives.

local common = require "common"

local NODES = 16

-- A member that is played here: it answers pings, and passes nothing on.
local function answer_pings(w, name, refutes)
    local incarnation = 0
    w:play(name, function(m)
        local news = array {}
        for _, piece in ipairs(m.body.news or {}) do
            if refutes and piece.node == name and piece.state ~= "alive" then
                incarnation = math.max(incarnation, piece.incarnation + 1)
            end
        end
        if refutes then news[1] = { node = name, state = "alive", incarnation = incarnation } end
        if m.type == "ping" then return { type = "ack", news = news } end
    end)
end

return task {
    seeds = 2,
    part { name = "rules", nodes = 1, peers = 2, latency = "10ms", run = function(w)
        local c, teller, subject, highest = w:client(), "n1", "n2", 0
        common.set_mode(w, c, { mode = "swim" })
        answer_pings(w, teller, true)
        answer_pings(w, subject, false)

        local function tell(node, state, incarnation)
            local news = array { { node = node, state = state, incarnation = incarnation } }
            local reply = w:peer(teller):call("n0", { type = "ping", news = news }, "1s")
            if reply == nil or reply.type ~= "ack" or type(reply.news) ~= "table" then
                w:fail { what = "what n0 answers to ping", expected = "ack with news", seen = json_text(reply), about = "n0" }
            end
            if node == subject then highest = math.max(highest, incarnation) end
            return reply.news
        end
        local function expect_state(after, wanted)
            local lists, call = common.members(w, c, "n0")
            local seen = lists.alive[subject] and "alive" or lists.suspect[subject] and "suspect" or
                lists.dead[subject] and "dead" or "nothing"
            w:expect("what n0 says of " .. subject .. " after " .. after, seen, wanted, call)
        end
        local function told(state, incarnation, wanted)
            tell(subject, state, incarnation)
            expect_state(state .. " " .. incarnation, wanted)
        end

        w:step("at equal incarnations dead holds against suspect, and suspect against alive", function()
            told("alive", 0, "alive")
            told("suspect", 0, "suspect")
            told("alive", 0, "suspect")
            told("dead", 0, "dead")
            told("suspect", 0, "dead")
            told("alive", 0, "dead")
        end)

        w:step("a higher incarnation always holds, and a lower one never", function()
            told("alive", 2, "alive")
            told("dead", 1, "alive")
            told("suspect", 2, "suspect")
            told("alive", 3, "alive")
            told("suspect", 2, "alive")
            told("dead", 4, "dead")
            told("alive", 5, "alive")
        end)

        w:step("a node that hears that it is suspect or dead is alive with the next incarnation", function()
            local function refuted(state, incarnation, wanted)
                local news, seen = tell("n0", state, incarnation), nil
                for _, piece in ipairs(news) do
                    if piece.node == "n0" then seen = piece end
                end
                w:expect("the news about n0 in its answer to " .. state .. " " .. incarnation, seen,
                    { node = "n0", state = "alive", incarnation = wanted })
            end
            refuted("suspect", 0, 1)
            refuted("suspect", 6, 7)
            refuted("dead", 7, 8)
        end)

        w:step("five periods after a suspicion, whatever is repeated meanwhile, suspect is dead", function()
            told("suspect", 5, "suspect")
            for _ = 1, 8 do
                w:sleep("480ms")
                told("suspect", 5, "suspect")
            end
            w:sleep("3s")
            expect_state("a suspicion that is 7 s old", "dead")
        end)

        w:step("only " .. subject .. " raises the incarnation of " .. subject, function()
            for _, m in ipairs(w:sent { from = "n0", to_kind = "node" }) do
                for _, piece in ipairs(m.body.news or {}) do
                    if piece.node == subject then
                        w:expect_at_most("the incarnation of " .. subject .. " in news that n0 tells",
                            piece.incarnation, highest, m)
                    end
                end
            end
        end)
    end },

    part { name = "cluster", nodes = NODES, peers = 1, latency = "20ms", run = function(w)
        local c, player, victim = w:client(), "n" .. NODES, "n6"
        common.set_mode(w, c, { mode = "swim" })
        answer_pings(w, player, true)

        local function listed_dead(node, by)
            local lists, call = common.members(w, c, by)
            return lists.dead[node] == true, call
        end

        w:step("no live node is ever listed dead, although messages are lost and nodes stop for 3 s", function()
            w:loss(0.05)
            for round = 1, 3 do
                local paused = w:pick(w.nodes)
                for second = 1, 16 do
                    if second == 4 then w:pause(paused) end
                    if second == 7 then w:resume(paused) end
                    w:sleep("1s")
                    for _, by in ipairs(w.nodes) do
                        if by ~= paused or second < 4 or second > 6 then
                            local lists, call = common.members(w, c, by)
                            local dead = next(lists.dead)
                            if dead ~= nil then
                                w:fail { what = "whom " .. by .. " lists as dead", expected = "nobody: all live",
                                    seen = dead .. (dead == paused and ", which had stopped for 3 s" or ""), about = call }
                            end
                        end
                    end
                end
            end
        end)

        w:step("a node that dies is dead on all lists within 20 s", function()
            w:kill(victim)
            w:sleep("20s")
            w:loss(0)
            for _, by in ipairs(w:others(victim, player)) do
                local dead, call = listed_dead(victim, by)
                w:expect("whether " .. by .. " lists " .. victim .. " as dead", dead, true, call)
            end
        end)

        local old
        w:step("it comes back under its name, and is alive on all lists within 15 s", function()
            w:sent { from_kind = "node", to_kind = "node", where = function(m)
                for _, piece in ipairs(m.body.news or {}) do
                    if piece.node == victim and piece.state == "dead" then old = piece end
                end
            end }
            w:start(victim)
            c:ask(victim, { type = "mode", mode = "swim" }, common.AT_ONCE)
            w:sleep("15s")
            common.nobody_accused(w, c, w.nodes, w.nodes)
        end)

        w:step("old news that it is dead, told once more, changes nothing", function()
            w:sleep("10s")
            w:all(w.nodes, function(node)
                w:peer(player):call(node, { type = "ping", news = array { old } }, "1s")
            end)
            for _ = 1, 5 do
                common.nobody_accused(w, c, w.nodes, w.nodes)
                w:sleep("1s")
            end
        end)
    end },
}

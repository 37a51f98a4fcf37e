-- Task 3: a candidate that asks, counts and wins. First a scripted count, then real clusters, many times.

local common = require "common"

local function counting(w)
    local held, rounds = {}, {}

    common.play(w, function(m)
        held[#held + 1] = m
        rounds[m.body.term] = (rounds[m.body.term] or 0) + 1
    end)

    local function grant(peer, term) w:peer(peer):send("n0", { type = "request_vote_ok", term = term,
        granted = true }) end

    -- Waits for a new candidacy and gives its term.
    local function candidacy()
        local before = common.state(w, "n0").term
        local term = before
        w:await("n0 stands for election in a new term", "1s", function()
            term = common.state(w, "n0").term
            return term > before and rounds[term] ~= nil
        end, "2ms")
        w:sleep("6ms")
        return term
    end

    w:step("a candidate asks every other member in a term of its own", function()
        local term = candidacy()
        w:expect("members asked in term " .. term, rounds[term], #w.peers, "n0")
        for _, m in ipairs(held) do
            w:expect("the request", m.body.candidate .. " " .. m.body.last_index .. " " ..
                m.body.last_term, "n0 0 0", m)
        end
    end)

    w:step("one voter of four is no majority, however often it grants", function()
        local term = candidacy()
        for _ = 1, 4 do grant("n1", term) end
        w:sleep("20ms")
        common.expect_state(w, "n0", "candidate", term)
    end)

    w:step("grants of an earlier term do not count", function()
        local old = candidacy()
        local term = candidacy()
        for _, peer in ipairs(w.peers) do grant(peer, old) end
        w:sleep("20ms")
        common.expect_state(w, "n0", "candidate", term)
    end)

    w:step("refusals do not count", function()
        local term = candidacy()
        grant("n1", term)
        for _, peer in ipairs { "n2", "n3", "n4" } do
            w:peer(peer):send("n0", { type = "request_vote_ok", term = term, granted = false })
        end
        w:sleep("20ms")
        common.expect_state(w, "n0", "candidate", term)
    end)

    w:step("two grants and its own are a majority of five", function()
        local term = candidacy()
        grant("n1", term)
        w:sleep("10ms")
        common.expect_state(w, "n0", "candidate", term)
        grant("n3", term)
        w:sleep("6ms")
        common.expect_state(w, "n0", "leader", term, "n0")
    end)

    w:step("further grants change nothing", function()
        local term = common.state(w, "n0").term
        grant("n2", term)
        grant("n4", term)
        w:sleep("20ms")
        common.expect_state(w, "n0", "leader", term, "n0")
    end)
    common.safety(w)
end

local ROUNDS = 8

local function cluster(w)
    w:duplicate(0.05)

    local function elections(nodes)
        local slow = 0
        for _ = 1, ROUNDS do
            local since = common.fresh(w, nodes)
            local _, _, took = common.await_leader(w, nodes, "2s")
            if took > 1 then slow = slow + 1 end
            w:sleep("100ms")
            common.judge(w, since)
        end
        w:expect_at_most("elections of " .. ROUNDS .. " that took more than 1 s", slow, 2)
    end

    w:step("all nodes know one leader within 2 s, and mostly within 1 s", function()
        elections(w.nodes)
    end)

    w:step("a minority may be down from the start", function()
        local up = {}
        for i = 1, #w.nodes // 2 + 1 do up[i] = w.nodes[i] end
        elections(up)
    end)

    w:step("with a majority down nobody leads", function()
        local up = {}
        for i = 1, #w.nodes // 2 do up[i] = w.nodes[#w.nodes + 1 - i] end
        local since = common.fresh(w, up)
        w:duplicate(0.3)
        for _ = 1, 40 do
            w:sleep("100ms")
            local leaders = common.leaders(w, up)
            if #leaders > 0 then
                w:fail { what = leaders[1].node .. "'s role", expected = "no leader: only " .. #up ..
                    " of " .. #w.nodes .. " members are up", seen = "leader of term " ..
                    leaders[1].term, about = leaders[1].node }
            end
        end
        w:expect("heartbeats sent", w:count { type = "append_entries", since = since }, 0)
    end)
end

local links = { mean = "10ms", dist = "uniform" }

return task {
    part { name = "one candidate, four scripted voters", nodes = 1, peers = 4, latency = "5ms",
        run = counting },
    part { name = "three nodes", nodes = 3, latency = links, run = cluster },
    part { name = "five nodes", nodes = 5, latency = links, run = cluster },
    part { name = "seven nodes", nodes = 7, latency = links, run = cluster },
}

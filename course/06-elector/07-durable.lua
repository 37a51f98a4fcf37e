-- Task 7: what a node has promised holds after a kill and after a loss of power.

local common = require "common"

-- The messages of n0 that promise something: its votes and its candidacies.
local function promises(w, since)
    return w:sent { from = "n0", since = since, where = function(m)
        return not m.body.pre and (m.type == "request_vote" or
            m.type == "request_vote_ok" and m.body.granted == true)
    end }
end

local function highest_term(w, since)
    local top = 0
    for _, m in ipairs(w:sent { from = "n0", to_kind = "node", since = since }) do
        if not m.body.pre then top = math.max(top, m.body.term) end
    end
    return top
end

-- What a loss of power leaves is drawn anew each time.
local PASSES = 4

local function scripted(w)
    local n1, n2 = w:peer("n1"), w:peer("n2")

    common.play(w, function() return nil end)
    w:disk_cost("n0", { write = "500us", sync = "2ms" })

    local function ask_vote(peer, term) return peer:call("n0", common.candidacy(term, peer.name), "60ms") end

    -- n0 runs again: it must know the highest term it has named, and whom it voted for in it.
    local function probe(since)
        local top, votes = highest_term(w, since), {}
        for _, m in ipairs(promises(w, since)) do
            if m.body.term == top then votes[#votes + 1] = m end
        end
        local vote = votes[#votes]
        if top > 0 then
            local reply = ask_vote(n2, top - 1)
            if reply == nil then w:fail("n0 does not answer request_vote after its restart") end
            w:expect_at_least("the term that n0 names after its restart", reply.term, top)
            w:expect("its vote for a candidate of term " .. top - 1, reply.granted, false)
        end
        for _, peer in ipairs { n1, n2 } do
            local mine = vote ~= nil and vote.type == "request_vote_ok" and vote.to == peer.name
            if not mine then
                local reply = ask_vote(peer, top)
                if vote ~= nil and reply ~= nil then
                    w:expect("a vote for " .. peer.name .. " in term " .. top .. ", which went to another",
                        reply.granted, false, { vote, peer.name })
                end
            end
        end
        common.judge(w, since)
    end

    -- Three votes, and a term that is only heard of. Ends when the node is gone.
    local function story()
        if ask_vote(n1, 10) and ask_vote(n2, 20) then
            local reply = n1:call("n0", common.heartbeat(30, "n1"), "60ms")
            return reply and ask_vote(n2, 40)
        end
    end

    w:step("a vote that was given is kept through a kill in the same instant", function()
        for term = 5, 14 do
            local since = w:now()
            local rule = w:rule { from = "n0", type = "request_vote_ok", nth = 1,
                where = function(m) return m.body.granted == true end,
                run = function() w:kill("n0") end }
            ask_vote(term % 2 == 0 and n1 or n2, term * 10)
            rule:off()
            w:start("n0")
            probe(since)
        end
    end)

    w:step("it is still this candidate's after the restart", function()
        local term = common.state(w, "n0").term + 1
        w:expect("granted", ask_vote(n1, term).granted, true)
        w:restart("n0")
        w:expect("granted again", ask_vote(n1, term).granted, true)
    end)

    w:step("a candidacy is a vote for oneself, and kept as well", function()
        for _ = 1, 5 do
            local since = w:now()
            local rule = w:rule { from = "n0", type = "request_vote", nth = 1,
                where = function(m) return not m.body.pre end,
                run = function() w:kill("n0") end }
            w:await("n0 stands for election", "1s", function() return rule.hits > 0 end)
            rule:off()
            w:start("n0")
            probe(since)
        end
    end)

    w:step("votes and terms outlive a loss of power before any change of the disk", function()
        for _ = 1, PASSES do
            local nth, reached = 0, true
            while reached do
                nth = nth + 1
                w:restart("n0", { data = "empty" })
                local since = w:now()
                local trap = w:at_change("n0", nth, function() w:lose_power("n0") end)
                story()
                trap:off()
                reached = trap.reached
                if not reached then w:lose_power("n0") end
                w:start("n0")
                probe(since)
                if nth > 200 then w:fail("this story takes more than 200 changes of the disk") end
            end
        end
    end)

    w:step("an election takes at most two syncs, and heartbeats none", function()
        w:restart("n0", { data = "empty" })
        local before = w:disk("n0").syncs
        w:expect("granted", ask_vote(n1, 7).granted, true)
        w:expect_at_most("syncs for a vote given", w:disk("n0").syncs - before, 2, "n0")
        before = w:disk("n0").syncs
        for _ = 1, 40 do
            n1:send("n0", common.heartbeat(7, "n1"))
            w:sleep("50ms")
        end
        w:expect("syncs for 40 heartbeats", w:disk("n0").syncs - before, 0, "n0")
        common.play(w, function() return true end)
        common.await_role(w, "n0", "leader", "1s")
        w:expect_at_most("syncs for an election that was won", w:disk("n0").syncs - before, 2, "n0")
        before = w:disk("n0").syncs
        w:sleep("2s")
        w:expect("syncs in 2 s as leader", w:disk("n0").syncs - before, 0, "n0")
    end)
end

local function cluster(w)
    for _, node in ipairs(w.nodes) do w:disk_cost(node, { sync = "5ms" }) end

    w:step("40 kills and losses of power later there is still one vote a term", function()
        for _ = 1, 40 do
            local victims = w:shuffle { "n0", "n1", "n2" }
            for i = 1, w:random(1, 3) do
                local node = victims[i]
                w:spawn(function()
                    w:sleep(w:random() * 0.4)
                    if w:random(1, 2) == 1 then w:kill(node) else w:lose_power(node) end
                    w:sleep(w:random() * 0.3)
                    w:start(node)
                end)
            end
            w:sleep("1s")
        end
        common.judge(w)
    end)

    w:step("and then all nodes name one leader within 2 s", function()
        common.await_leader(w, w.nodes, "2s")
        w:sleep("200ms")
    end)
    common.safety(w)
end

return task {
    part { name = "one node, two scripted peers", nodes = 1, peers = 2, latency = "5ms", disk = true,
        run = scripted },
    part { name = "three nodes", nodes = 3, latency = "5ms", disk = true, run = cluster },
}

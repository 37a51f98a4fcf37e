-- Task 9: a trial before the election. First every rule of it, then a node that goes and comes back.

local common = require "common"

local function scripted(w)
    local n1, n2, n3 = w:peer("n1"), w:peer("n2"), w:peer("n3")
    local grants_trials, grants_votes = false, false
    local term

    for _, name in ipairs(w.peers) do
        w:play(name, function(m)
            local body = m.body
            if m.type == "append_entries" then
                return { type = "append_entries_ok", term = body.term, ok = true, match = 0 }
            elseif m.type == "request_vote" and body.pre and grants_trials then
                return { type = "request_vote_ok", term = body.term, granted = true, pre = true }
            elseif m.type == "request_vote" and not body.pre and grants_votes then
                return { type = "request_vote_ok", term = body.term, granted = true }
            end
        end)
    end

    local function trial(peer, of)
        local body = common.candidacy(of, peer.name)
        body.pre = true
        local reply = peer:ask("n0", body, "20ms")
        w:expect("pre in the answer to a trial", reply.pre, true)
        return reply
    end

    local function calm()
        term = common.state(w, "n0").term + 2
        n1:ask("n0", common.heartbeat(term, "n1"), "20ms")
        return w:now()
    end

    w:step("without a majority for its trials a node asks on, and its term does not grow", function()
        local since = calm()
        w:sleep("5s")
        w:expect("its term", common.state(w, "n0").term, term)
        w:expect("real requests for votes", #w:sent { from = "n0", type = "request_vote", since = since,
            where = function(m) return not m.body.pre end }, 0, "n0")
        local trials = w:sent { from = "n0", to = "n2", type = "request_vote", since = since }
        w:expect_between("trials sent to n2 in 5 s", #trials, 14, 34, "n0")
        w:expect("the term that a trial asks for", trials[1].body.term, term + 1, trials[1])
    end)

    w:step("a trial is refused while the leader is heard", function()
        calm()
        for _ = 1, 6 do
            w:expect("granted", trial(n2, term + 1).granted, false)
            w:expect("the term of the refusal", trial(n3, term + 7).term, term)
        end
        common.expect_state(w, "n0", "follower", term, "n1")
    end)

    w:step("a trial of a lower or the own term is refused with the own term", function()
        calm()
        w:sleep("310ms")
        for _, of in ipairs { term - 1, term } do
            local reply = trial(n2, of)
            w:expect("the answer", { granted = reply.granted, term = reply.term },
                { granted = false, term = term })
        end
    end)

    w:step("a trial that is granted changes neither term nor vote", function()
        calm()
        w:sleep("160ms")
        for _, peer in ipairs { n2, n3, n2 } do
            local reply = trial(peer, term + 1)
            w:expect("the answer", { granted = reply.granted, term = reply.term },
                { granted = true, term = term + 1 })
        end
        w:expect("its term", common.state(w, "n0").term, term)
        local reply = n3:ask("n0", common.candidacy(term + 1, "n3"), "20ms")
        w:expect("the real vote for n3, after a trial of n2", reply.granted, true)
    end)

    w:step("a trial does not restart the timer", function()
        for _ = 1, 5 do
            local since = calm()
            w:sleep("140ms")
            local function asks() return w:count { from = "n0", type = "request_vote", since = since } end
            while w:now() < since + 0.310 and asks() == 0 do
                w:sleep("15ms")
                trial(n2, term + 1)
            end
            w:expect_at_least("trials of its own within 310 ms after the last heartbeat", asks(), 1, "n0")
        end
    end)

    w:step("a majority for its trial starts the real election at once", function()
        calm()
        grants_trials = true
        local asked = w:await("n0 asks for real votes", "320ms", function()
            return w:sent { from = "n0", type = "request_vote",
                where = function(m) return not m.body.pre and m.body.term == term + 1 end }[1]
        end)
        local first = w:sent { from = "n0", type = "request_vote",
            where = function(m) return m.body.pre and m.body.term == term + 1 end }[1]
        w:expect("a trial came before", first ~= nil, true)
        w:expect_near("milliseconds from the trial to the election", common.ms(first.sent_at, asked.sent_at),
            10, 5, { first, asked })
    end)

    w:step("a grant for a trial is no vote", function()
        for _ = 1, 3 do
            local state = common.await_role(w, "n0", "candidate", "1s")
            for _, name in ipairs(w.peers) do
                w:peer(name):send("n0", { type = "request_vote_ok", term = state.term, granted = true,
                    pre = true })
            end
            w:sleep("8ms")
            w:expect("its role", common.state(w, "n0").role, "candidate")
            w:sleep("300ms")
        end
        w:expect("heartbeats that it sent", w:count { from = "n0", type = "append_entries" }, 0)
    end)

    w:step("a leader refuses trials and stays in office", function()
        grants_votes = true
        local state = common.await_role(w, "n0", "leader", "1s")
        for _ = 1, 10 do
            w:sleep("30ms")
            w:expect("granted", trial(n2, state.term + 1).granted, false)
        end
        common.expect_state(w, "n0", "leader", state.term, "n0")
    end)
    common.safety(w)
end

local function cluster(w)
    local leader, term

    local function unchanged()
        for _, node in ipairs(w.nodes) do
            common.expect_state(w, node, node == leader and "leader" or "follower", term, leader)
        end
    end

    local function follower() return w:pick(common.without(w.nodes, leader)) end

    w:step("a node that was cut off comes back, and nothing changes", function()
        leader, term = common.await_leader(w, w.nodes, "2s")
        for _ = 1, 8 do
            local lost = follower()
            w:partition { { lost }, common.without(w.nodes, lost) }
            w:sleep(w:random(2000, 12000) / 1000)
            w:expect("the term of " .. lost .. ", alone", common.state(w, lost).term, term)
            w:heal()
            w:sleep("500ms")
            unchanged()
        end
    end)

    w:step("a node that hears nobody changes nothing", function()
        local deaf = follower()
        w:cut(common.without(w.nodes, deaf), deaf)
        w:sleep("10s")
        common.expect_state(w, leader, "leader", term, leader)
        w:heal()
        w:sleep("500ms")
        unchanged()
    end)

    w:step("a node with 30 % loss changes nothing", function()
        local lossy = follower()
        for _, node in ipairs(common.without(w.nodes, lossy)) do
            w:link(node, lossy, { loss = 0.3 })
            w:link(lossy, node, { loss = 0.3 })
        end
        w:sleep("20s")
        common.expect_state(w, leader, "leader", term, leader)
        for _, node in ipairs(common.without(w.nodes, lossy)) do
            w:link(node, lossy)
            w:link(lossy, node)
        end
        w:sleep("500ms")
        unchanged()
    end)

    w:step("a node that is started again changes nothing", function()
        for _ = 1, 3 do
            local node = follower()
            w:kill(node)
            w:sleep(w:random(0, 1000) / 1000)
            w:start(node)
            w:sleep("500ms")
            unchanged()
        end
    end)

    w:step("a leader that dies is replaced within 1 s, also while a node comes back", function()
        for round = 1, 8 do
            local lost = follower()
            if round % 2 == 0 then
                w:partition { { lost }, common.without(w.nodes, lost) }
                w:sleep("1s")
                w:heal()
            end
            w:sleep(w:random(0, 300) / 1000)
            local old = leader
            w:kill(old)
            leader, term = common.await_leader(w, common.without(w.nodes, old), "1s")
            w:start(old)
            w:sleep("400ms")
            unchanged()
        end
    end)
    common.safety(w)
end

return task {
    seeds = 2,
    part { name = "one node, four scripted peers", nodes = 1, peers = 4, latency = "5ms", run = scripted },
    part { name = "five nodes", nodes = 5, latency = "5ms", run = cluster },
}

-- Task 1: follower, candidate, leader, and what moves a node from one to the other.

local common = require "common"

local function alone(w)
    w:step("a node begins as follower of term 0 and knows no leader", function()
        common.expect_state(w, "n0", "follower", 0)
    end)
    w:step("a cluster of one elects itself: leader of term 1 within 350 ms", function()
        common.await_role(w, "n0", "leader", "350ms")
        common.expect_state(w, "n0", "leader", 1, "n0")
    end)
    w:step("and remains leader of term 1", function()
        w:sleep("2s")
        common.expect_state(w, "n0", "leader", 1, "n0")
    end)
end

local function scripted(w)
    local elect = false
    local n1, n2 = w:peer("n1"), w:peer("n2")

    common.play(w, function(m) if elect then return true end end)

    -- n0 gets this from peer; checks its answer.
    local function heartbeat(peer, term, wanted_ok, wanted_term)
        local reply = peer:ask("n0", common.heartbeat(term, peer.name), "20ms")
        w:expect("the answer to append_entries of term " .. term, { ok = reply.ok, term = reply.term },
            { ok = wanted_ok, term = wanted_term })
    end

    w:step("a node begins as follower of term 0 and knows no leader", function()
        common.expect_state(w, "n0", "follower", 0)
    end)

    w:step("silence makes it a candidate of term 1, that waits for votes", function()
        w:sleep("350ms")
        local state = common.state(w, "n0")
        w:expect("its role", state.role, "candidate")
        w:expect_at_least("its term", state.term, 1)
        w:expect("the leader it knows", state.leader, null)
    end)

    w:step("a leader of its own term makes the candidate a follower", function()
        local term = common.await_role(w, "n0", "candidate", "700ms").term
        heartbeat(n1, term, true, term)
        common.expect_state(w, "n0", "follower", term, "n1")
    end)

    w:step("a leader of a lower term is refused with the own term", function()
        local term = common.state(w, "n0").term
        heartbeat(n2, term - 1, false, term)
        common.expect_state(w, "n0", "follower", term, "n1")
    end)

    w:step("a leader of a higher term is followed, and its term taken", function()
        local term = common.state(w, "n0").term
        heartbeat(n2, term + 3, true, term + 3)
        common.expect_state(w, "n0", "follower", term + 3, "n2")
        heartbeat(n1, term, false, term + 3)
        common.expect_state(w, "n0", "follower", term + 3, "n2")
    end)

    w:step("a request for a vote of a higher term raises the term of a follower", function()
        local term = common.state(w, "n0").term
        n1:ask("n0", common.candidacy(term + 2, "n1"), "20ms")
        common.expect_state(w, "n0", "follower", term + 2)
    end)

    w:step("an answer of a higher term makes the candidate a follower", function()
        local term = common.await_role(w, "n0", "candidate", "1s").term
        n1:send("n0", { type = "request_vote_ok", term = term + 5, granted = false })
        w:sleep("8ms")
        common.expect_state(w, "n0", "follower", term + 5)
    end)

    w:step("a majority of votes makes the candidate leader", function()
        elect = true
        local state = common.await_role(w, "n0", "leader", "1s")
        w:expect("the leader it knows", state.leader, "n0")
    end)

    w:step("a lower term does not move a leader", function()
        local term = common.state(w, "n0").term
        heartbeat(n1, term - 1, false, term)
        common.expect_state(w, "n0", "leader", term, "n0")
    end)

    w:step("an answer of a higher term makes the leader a follower", function()
        elect = false
        local term = common.state(w, "n0").term
        n2:send("n0", { type = "append_entries_ok", term = term + 1, ok = false, match = 0 })
        w:sleep("8ms")
        common.expect_state(w, "n0", "follower", term + 1)
    end)

    w:step("a leader of a higher term makes the leader a follower", function()
        elect = true
        local term = common.await_role(w, "n0", "leader", "1s").term
        elect = false
        heartbeat(n2, term + 7, true, term + 7)
        common.expect_state(w, "n0", "follower", term + 7, "n2")
    end)

    common.safety(w)
end

return task {
    part { name = "alone", nodes = 1, run = alone },
    part { name = "two scripted peers", nodes = 1, peers = 2, latency = "5ms", run = scripted },
}

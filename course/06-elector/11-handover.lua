-- Task 11: the leader hands over to a member of its choice.

local common = require "common"

local TRANSFERS, LINK = 60, 0.020

local function cluster(w)
    local c = w:client()

    local function steady() return common.await_leader(w, w.nodes, "2s") end

    -- A transfer that cannot succeed: refused with 11 after 500 ms, and the leader remains.
    local function fails(leader, term, to)
        local begun = w:now()
        c:refused(leader, { type = "transfer", to = to }, 11, "600ms")
        w:expect_near("milliseconds until a failed transfer is given up", common.ms(begun, w:now()), 500, 20)
        common.expect_state(w, leader, "leader", term, leader)
    end

    w:step("a request at another node is refused with 1001 and the leader's name", function()
        local leader = steady()
        for _, node in ipairs(w:others(leader)) do
            local reply = c:refused(node, { type = "transfer", to = node }, 1001, "5ms")
            w:expect("the leader in the refusal", reply.leader, leader)
        end
    end)

    w:step("the successor leads within 100 ms, in the next term, and nobody else stands", function()
        local leader, term = steady()
        for _ = 1, TRANSFERS do
            local to = w:pick(w:others(leader))
            local begun = w:now()
            local reply = c:ask(leader, { type = "transfer", to = to }, "150ms")
            w:expect("the term in the answer", reply.term, term + 1)
            common.expect_state(w, to, "leader", term + 1, to)
            local first = w:sent { from = to, type = "append_entries", since = begun }[1]
            w:expect("a heartbeat of the successor", first ~= nil, true, to)
            w:expect_at_most("milliseconds until the successor leads", common.ms(begun, first.sent_at), 100,
                first)
            for _, m in ipairs(w:sent { type = "request_vote", since = begun }) do
                w:expect("who asks for votes", m.from, to, m)
                w:expect("the request is a trial", m.body.pre == true, false, m)
            end
            leader, term = to, term + 1
            w:sleep(w:random(50, 300) / 1000)
        end
    end)

    w:step("a transfer to the leader itself is done at once", function()
        local leader, term = steady()
        w:expect("the term", c:ask(leader, { type = "transfer", to = leader }, "5ms").term, term)
        w:sleep("500ms")
        common.expect_state(w, leader, "leader", term, leader)
    end)

    w:step("a successor that is down leaves the leader in office", function()
        local leader, term = steady()
        local to = w:pick(w:others(leader))
        w:kill(to)
        fails(leader, term, to)
        w:start(to)
        w:sleep("500ms")
        common.expect_state(w, leader, "leader", term, leader)
    end)

    w:step("after a failed transfer another one succeeds", function()
        local leader, term = steady()
        local dead = w:pick(w:others(leader))
        w:kill(dead)
        fails(leader, term, dead)
        local to = common.without(w:others(leader), dead)[1]
        w:expect("the term in the answer", c:ask(leader, { type = "transfer", to = to }, "150ms").term,
            term + 1)
        w:start(dead)
    end)

    w:step("a successor that is cut off leaves the leader in office", function()
        local leader, term = steady()
        local to = w:pick(w:others(leader))
        w:partition { { to }, w:others(to) }
        fails(leader, term, to)
        w:heal()
        w:sleep("500ms")
        common.expect_state(w, leader, "leader", term, leader)
    end)

    w:step("timeout_now that comes twice makes one election", function()
        local leader, term = steady()
        local rule = w:rule { type = "timeout_now", duplicate = { "5ms", "30ms", "70ms" } }
        local to = w:pick(w:others(leader))
        c:ask(leader, { type = "transfer", to = to }, "150ms")
        w:sleep("500ms")
        common.expect_state(w, to, "leader", term + 1, to)
        rule:off()
    end)

    w:step("timeout_now of an old term, 5 s late, is left out", function()
        local leader = steady()
        local rule = w:rule { type = "timeout_now", duplicate = "5s" }
        local to = w:pick(w:others(leader))
        c:ask(leader, { type = "transfer", to = to }, "150ms")
        w:sleep("1s")
        local next = w:pick(w:others(to))
        rule:off()
        c:ask(to, { type = "transfer", to = next }, "150ms")
        w:sleep("500ms")
        local term = common.state(w, next).term
        w:sleep("6s")
        common.expect_state(w, next, "leader", term, next)
    end)

    common.safety(w)
end

return task {
    nodes = 5,
    latency = { mean = LINK, dist = "constant" },
    seeds = 2,
    run = cluster,
}

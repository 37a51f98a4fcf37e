-- Task 4: the leader's side. A minute without faults, then slow links, then some loss.

local common = require "common"

local function cluster(w)
    local leader, term

    w:step("a new leader tells everybody at once", function()
        leader, term = common.await_leader(w, w.nodes, "2s")
        local first = w:sent { from = leader, type = "append_entries" }
        -- It has won when the second grant of its term arrived.
        local grants = {}
        for _, m in ipairs(w:sent { to = leader, type = "request_vote_ok", received = true }) do
            if m.body.granted == true and not m.body.pre and m.body.term == term then
                grants[#grants + 1] = m.received_at
            end
        end
        table.sort(grants)
        w:expect_at_least("grants of term " .. term, #grants, 2, leader)
        local told = {}
        for _, m in ipairs(first) do
            if told[m.to] == nil then
                told[m.to] = true
                w:expect_near("milliseconds from winning to the first heartbeat to " .. m.to,
                    common.ms(grants[2], m.sent_at), 0, 5, m)
            end
        end
        for _, node in ipairs(w:others(leader)) do
            w:expect(node .. " got a heartbeat", told[node] == true, true, leader)
        end
    end)

    -- Heartbeats to each follower since then: how far apart, and how many.
    local function rhythm(since)
        for _, node in ipairs(w:others(leader)) do
            local last
            local beats = w:sent { from = leader, to = node, type = "append_entries", since = since }
            for _, m in ipairs(beats) do
                if last ~= nil then
                    w:expect_near("milliseconds between two heartbeats to " .. node,
                        common.ms(last.sent_at, m.sent_at), 50, 10, { last, m })
                end
                last = m
            end
            local intervals = (w:now() - since) / 0.05
            w:expect_at_least("heartbeats to " .. node, #beats, math.floor(intervals / 1.2) - 1, leader)
            w:expect_at_most("messages to " .. node .. " in an interval of 50 ms",
                w:count { from = leader, to = node, since = since } / intervals, 2)
        end
    end

    local function undisturbed(time)
        local since = w:now()
        w:sleep(time)
        w:expect("requests for votes", w:count { type = "request_vote", since = since }, 0)
        for _, node in ipairs(w.nodes) do
            common.expect_state(w, node, node == leader and "leader" or "follower", term, leader)
        end
        return since
    end

    w:step("a heartbeat goes to each follower every 50 ms", function() rhythm(undisturbed("3s")) end)

    w:step("a minute without faults has no second election", function() undisturbed("60s") end)

    w:step("links of 80 ms do not disturb the rhythm or the leader", function()
        w:slow(16)
        w:sleep("300ms")
        rhythm(undisturbed("15s"))
    end)

    w:step("an answer that never comes does not hold up the next heartbeat", function()
        w:slow(1)
        w:sleep("200ms")
        local quiet = w:others(leader)[1]
        local rule = w:rule { from = quiet, to = leader, type = "append_entries_ok", drop = true }
        local since = w:now()
        w:sleep("2s")
        rhythm(since)
        rule:off()
    end)

    w:step("1 % loss does not disturb it either", function()
        w:loss(0.01)
        undisturbed("20s")
    end)

    common.safety(w)
end

return task {
    nodes = 5,
    latency = "5ms",
    seeds = 2,
    run = cluster,
}

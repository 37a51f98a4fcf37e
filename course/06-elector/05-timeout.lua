-- Task 5: how long a follower waits. A scripted leader stops again and again, and request_vote shows when
-- the wait was over.

local common = require "common"

local STOPS, SLOTS, SLOT_MS = 400, 10, 15

-- Stops once for each of these nodes: heartbeats to all, and then nothing until each has asked for votes.
-- Gives the milliseconds that each node waited after its last heartbeat came.
local function stop(w, peer, nodes, term, beats)
    local waits = {}
    for beat = 1, beats do
        for _, node in ipairs(nodes) do peer:send(node, common.heartbeat(term, peer.name)) end
        w:sleep(beat < beats and "50ms" or "1ms")
    end
    local since = w:now()                              -- links take 1 ms: it has just arrived
    w:sleep("306ms")
    for _, node in ipairs(nodes) do
        -- One of a lower term was on its way when the heartbeat came.
        local asked = w:sent { from = node, type = "request_vote", since = since,
            where = function(m) return m.body.term > term end }[1]
        if asked == nil then
            w:fail { what = node .. " asks for votes", expected = "within 305 ms after the last heartbeat",
                seen = "it does not", about = node }
        end
        waits[node] = common.ms(since, asked.sent_at)
    end
    return waits
end

local function next_term(w, nodes)
    local term = 0
    for _, node in ipairs(nodes) do term = math.max(term, common.state(w, node).term) end
    return term + 5
end

local function judge(w, waits, who)
    local slots, sum = {}, 0
    for i = 1, SLOTS do slots[i] = 0 end
    for _, ms in ipairs(waits) do
        w:expect_between("milliseconds that " .. who .. " waited", ms, 149, 305, who)
        local slot = math.max(1, math.min(SLOTS, math.floor((ms - 150) / SLOT_MS) + 1))
        slots[slot], sum = slots[slot] + 1, sum + ms
    end
    return slots, sum / #waits
end

local function one(w)
    local peer = w:peer("n1")
    local all = {}

    common.play(w, function() return nil end)

    w:step("every wait takes 150 to 300 ms", function()
        for i = 1, STOPS do
            local term = next_term(w, { "n0" })
            -- Some stops come after several heartbeats, some of them just before the next.
            all[i] = stop(w, peer, { "n0" }, term, i % 20 == 0 and 8 or 1).n0
            w:expect_between("milliseconds that n0 waited", all[i], 149, 305, "n0")
        end
    end)

    w:step("the waits are spread evenly over this range", function()
        local slots, mean = judge(w, all, "n0")
        w:expect_near("the mean of " .. STOPS .. " waits in ms", mean, 225, 10)
        for i, count in ipairs(slots) do
            w:expect_at_least(string.format("waits of %d to %d ms, of %d", 150 + SLOT_MS * (i - 1),
                150 + SLOT_MS * i, STOPS), count, 15)
        end
    end)

    w:step("steps of the wall clock have no effect", function()
        for i = 1, 12 do
            local term = next_term(w, { "n0" })
            local jump = i % 2 == 0 and "1h" or "-1h"
            w:spawn(function()
                w:sleep("60ms")
                w:clock("n0", { jump = jump })
            end)
            local ms = stop(w, peer, { "n0" }, term, 1).n0
            w:expect_between("milliseconds that n0 waited while its wall clock stepped by " .. jump, ms,
                149, 305, "n0")
        end
    end)
    common.safety(w)
end

local function five(w)
    local peer = w:peer("n5")
    local series = {}

    common.play(w, function() return nil end)

    w:step("five nodes that started together do not wait alike", function()
        for _, node in ipairs(w.nodes) do
            series[node] = {}
            for _, other in ipairs(w.nodes) do
                if other ~= node then w:cut(node, other) end
            end
        end
        for i = 1, 16 do
            local waits = stop(w, peer, w.nodes, next_term(w, w.nodes), 1)
            for node, ms in pairs(waits) do series[node][i] = math.floor(ms + 0.5) end
        end
        local seen = {}
        for node, list in pairs(series) do
            local key = table.concat(list, ", ")
            if seen[key] then
                w:fail { what = "the waits of " .. node, expected = "others than those of " .. seen[key],
                    seen = "the same: " .. key .. " ms", about = { node, seen[key] } }
            end
            seen[key] = node
        end
    end)
    common.safety(w)
end

return task {
    seeds = 2,
    part { name = "one node", nodes = 1, peers = 2, latency = "1ms", run = one },
    part { name = "five nodes", nodes = 5, peers = 1, latency = "1ms", run = five },
}

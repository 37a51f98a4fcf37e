-- Task 6: every so often, two nodes compare what they have. It makes up for loss, and for a node that was away.

local common = require "common"

local NODES, VALUES, ROUND = 25, 100, 0.2
local LATE = "n24"

return task {
    nodes = NODES,
    latency = "10ms",
    limit = "60s",
    seeds = 2,
    start = false,
    run = function(w)
        local c, values, live, sent_at = w:client(), {}, {}, {}
        for _, node in ipairs(w.nodes) do
            if node ~= LATE then live[#live + 1] = node end
        end
        w:all(live, function(node) w:start(node) end)
        w:loss(0.2)

        -- Those of the values that were broadcast up to this time.
        local function older_than(time)
            local old = {}
            for i, value in ipairs(values) do
                if sent_at[i] <= time then old[#old + 1] = value end
            end
            return old
        end

        w:step("each value is on all live nodes within 4 s, although one message in five is lost", function()
            local begun = w:now()
            local judge = w:every("500ms", function()
                common.all_hold_all(w, c, older_than(w:now() - 4), live)
            end)
            for i = 1, VALUES do
                w:sleep_until(begun + i * 5 / VALUES)
                values[i], sent_at[i] = "news " .. i, w:now()
                common.broadcast(c, w:pick(live), values[i])
            end
            w:sleep("4s")
            judge:off()
            common.all_hold_all(w, c, values, live)
        end)

        w:step("in silence a node sends at most 3 messages a round", function()
            local before = common.between(w)
            w:sleep(10 * ROUND)
            w:expect_at_most("messages between nodes in 10 rounds", common.between(w) - before, 3 * 10 * #live)
        end)

        w:step("a node that starts late and knows nothing is complete within 4 s", function()
            w:start(LATE)
            w:sleep("4s")
            common.holds_all(w, c, LATE, values)
        end)

        w:step("rounds go on without news, and are spread over time", function()
            w:loss(0)
            w:sleep("1s")
            local slots, from, total = {}, w:now(), 0
            w:sleep(5 * ROUND)
            for _, m in ipairs(w:sent { since = from, from_kind = "node", to_kind = "node" }) do
                local slot = math.floor((m.sent_at - from) / 0.01)
                slots[slot] = (slots[slot] or 0) + 1
                total = total + 1
            end
            w:expect_at_least("messages between nodes in 5 rounds of silence", total, 2 * NODES)
            for slot, count in pairs(slots) do
                w:expect_at_most("messages between nodes in the 10 ms from " .. slot * 10 .. " ms on, of " .. total ..
                    " in 1 s", count, total // 6)
            end
        end)

        w:step("a last value is everywhere within 4 s", function()
            common.broadcast(c, LATE, "last")
            w:sleep("4s")
            common.all_hold_all(w, c, { "last" })
        end)
    end,
}

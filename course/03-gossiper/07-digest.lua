-- Task 7: large sets that are nearly equal. What is compared must not cost as much as what is compared.

local common = require "common"

local COMMON, NEW, ROUND = 5000, 10, 0.2
local SIDES = { { "n0", "n1" }, { "n2", "n3", "n4" } }
local ROUND_BYTES, PAIR_BYTES = 8192, 150000

-- A text of 100 characters that no compression and no trick makes smaller.
local function long_value(w, i)
    local parts = { "value " .. i .. " " }
    for k = 1, 10 do parts[k + 1] = string.format("%09d", w:random(0, 999999999)) end
    return table.concat(parts):sub(1, 100)
end

local function bytes(w) return w:bytes { from_kind = "node", to_kind = "node" } end

return task {
    nodes = 5,
    latency = "10ms",
    limit = "120s",
    seeds = 2,
    run = function(w)
        local c, values = w:client(), {}

        local function silence(rounds)
            local before = bytes(w)
            w:sleep(rounds * ROUND)
            w:expect_at_most("bytes a node and round in silence", (bytes(w) - before) / rounds / #w.nodes, ROUND_BYTES)
        end

        w:step("an empty cluster is quiet", function() silence(10) end)

        w:step("5,000 values that come quickly are everywhere within 4 s", function()
            for i = 1, COMMON do values[i] = long_value(w, i) end
            for i = 1, COMMON, 500 do
                local calls = {}
                for k = i, i + 499 do
                    calls[#calls + 1] = c:begin(w:pick(w.nodes), { type = "broadcast", message = values[k] })
                end
                w:all(calls, function(call) w:expect("broadcast_ok", call:wait("1s") ~= nil, true, call) end)
                w:sleep("50ms")
            end
            w:sleep("4s")
            common.all_hold_all(w, c, values)
        end)

        w:step("nodes that are in step send at most 8 KiB a node and round", function() silence(20) end)

        w:step("20 values that one side of a partition lacks are everywhere 3 s after the healing, for 150 KB a pair", function()
            w:partition(SIDES)
            for _ = 1, NEW do
                for _, side in ipairs(SIDES) do
                    local value = long_value(w, #values + 1)
                    values[#values + 1] = value
                    common.broadcast(c, w:pick(side), value)
                end
            end
            w:sleep("5s")
            w:heal()
            local before = bytes(w)
            w:sleep("3s")
            common.all_hold_all(w, c, values)
            w:expect_at_most("bytes between nodes from the healing on", bytes(w) - before,
                PAIR_BYTES * #SIDES[1] * #SIDES[2])
        end)

        w:step("then there is silence again", function() silence(20) end)
    end,
}

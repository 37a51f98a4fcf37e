-- Task 8: 10,000 values, and a handful of differences: a tree of hashes.

local common = require "common"

local COMMON, CHUNK = 10000, 1000
local KIB = 1024

local function between(w) return common.between(w), w:bytes { from_kind = "node", to_kind = "node" } end

local function root(c, node)
    return json_text(c:ask(node, { type = "root" }, common.AT_ONCE).hash)
end

local function one_root(w, c, nodes)
    local first = root(c, nodes[1])
    for i = 2, #nodes do
        local other = root(c, nodes[i])
        if other ~= first then return nil, nodes[1] .. " has root " .. first .. ", " .. nodes[i] .. " has " .. other end
    end
    return first
end

return task {
    nodes = 3,
    latency = "10ms",
    limit = "300s",
    seeds = 2,
    run = function(w)
        local c, count = w:client(), 0

        -- Hands new values to a node; gives them.
        local function broadcast(node, how_many)
            local calls, values = {}, {}
            for i = 1, how_many do
                count = count + 1
                values[i] = string.format("%08d-%011d", w:random(0, 99999999), count)
                calls[i] = c:begin(node, { type = "broadcast", message = values[i] })
            end
            w:all(calls, function(call) w:expect("broadcast_ok", call:wait("1s") ~= nil, true, call) end)
            return values
        end
        -- n2 is cut off; then there are differences, and then n2 is back. How much the repair took.
        local function differ(theirs, ours, messages, kib)
            w:partition { { "n0", "n1" }, { "n2" } }
            local values = broadcast("n2", theirs)
            for _, value in ipairs(broadcast("n0", ours)) do values[#values + 1] = value end
            w:sleep("2s")
            if theirs + ours > 0 and root(c, "n0") == root(c, "n2") then
                w:fail { what = "the roots of two sets that are not equal", expected = "different hashes",
                    seen = "equal hashes", node = "n2" }
            end
            -- Only n0 and n2 talk from here on: one pair, whose cost can be counted.
            w:partition { { "n0", "n2" }, { "n1" } }
            local before, before_bytes = between(w)
            local from = w:now()
            w:await("n0 and n2 have the same root", theirs + ours > 5 and "2s" or "5s", function()
                return one_root(w, c, { "n0", "n2" })
            end, "10ms")
            w:sleep("50ms")
            common.all_hold_all(w, c, values, { "n0", "n2" })
            local after, after_bytes = between(w)
            local rounds = math.ceil((w:now() - from) / 0.2) + 1
            -- Meanwhile each of the three begins a round every 200 ms, half of them into the void.
            if messages then w:expect_at_most("messages of the repair", after - before, messages + 3 * rounds) end
            w:expect_at_most("bytes of the repair", after_bytes - before_bytes, kib * KIB + 3 * rounds * 512)
            w:heal()
            w:await("all have the same root", theirs + ours > 5 and "2s" or "5s", function()
                return one_root(w, c, w.nodes)
            end, "10ms")
        end

        w:step("sets that are equal have equal roots, in whatever order the values came", function()
            w:partition { { "n0" }, { "n1" }, { "n2" } }
            local values = w:shuffle { "a", "b", 1, "1", 2, 3, "x y", "" }
            for _, node in ipairs(w.nodes) do
                for _, value in ipairs(w:shuffle { table.unpack(values) }) do common.broadcast(c, node, value) end
            end
            for _, node in ipairs { "n1", "n2" } do w:expect("the root of " .. node, root(c, node), root(c, "n0")) end
        end)

        w:step("each value changes the root, and a known one does not", function()
            local seen = {}
            for i = 1, 50 do
                local before = root(c, "n0")
                seen[before] = true
                common.broadcast(c, "n0", "one more " .. i)
                local after = root(c, "n0")
                if seen[after] then w:fail { what = "the root after value " .. i, expected = "a hash not seen before",
                    seen = after, node = "n0" } end
                common.broadcast(c, "n0", "one more " .. i)
                w:expect("the root after the same value again", root(c, "n0"), after)
            end
            w:heal()
            w:await("all have the same root", "2s", function() return one_root(w, c, w.nodes) end, "10ms")
        end)

        w:step("10,000 values are everywhere", function()
            for _ = 1, COMMON // CHUNK do
                broadcast(w:pick(w.nodes), CHUNK)
                w:sleep("100ms")
            end
            w:await("all have the same root", "5s", function() return one_root(w, c, w.nodes) end, "10ms")
        end)

        w:step("one difference costs 12 messages and 6 KiB, at most", function() differ(1, 0, 12, 6) end)
        w:step("so does one on the other side", function() differ(0, 1, 12, 6) end)
        w:step("five differences cost 24 KiB, at most", function() differ(3, 2, nil, 24) end)
        w:step("500 differences are found, all of them", function() differ(250, 250, nil, 1024) end)

        w:step("values that come during a comparison are everywhere 2 s later", function()
            local handle = w:every("7ms", function() common.broadcast(c, w:pick(w.nodes), "late " .. w:now()) end)
            w:sleep("1500ms")
            handle:off()
            w:await("all have the same root", "2s", function() return one_root(w, c, w.nodes) end, "10ms")
        end)

        w:step("a node that comes back with nothing has everything within 3 s", function()
            w:restart("n1", { data = "empty" })
            w:await("all have the same root", "3s", function() return one_root(w, c, w.nodes) end, "10ms")
            local _, list = common.read(w, c, "n1")
            local _, all = common.read(w, c, "n0")
            w:expect("how many values n1 holds", #list, #all)
        end)
    end,
}

-- Task 19: the bill of a replicated store under load: bytes, messages, staleness.

local common = require "common"

local NODES, KEYS, RATE, SECONDS = 25, 5000, 500, 3
local BYTES, MESSAGES = 12000, 8         -- for each write
local PADDING = string.rep("x", 88)      -- values have 100 bytes or so

return task {
    nodes = NODES,
    latency = "20ms",
    seeds = 2,
    run = function(w)
        local c, last, missed = w:client(), {}, {}
        local samples, early, late = 0, 0, 0
        local behind = { w.nodes[NODES - 1], w.nodes[NODES] }
        local others = w:others(table.unpack(behind))
        common.set_mode(w, c, { mode = "lww" })
        w:sleep("1s")

        -- Whether a random node, after so long, has what was written.
        local function fresh(key, value, wait)
            w:sleep(wait)
            local reply = c:call(w:pick(others), { type = "read", key = key }, common.AT_ONCE)
            return last[key] ~= value or (reply ~= nil and reply.value == value)
        end

        w:step("at 500 writes a second a write costs at most 8 messages", function()
            local before = common.between(w)
            for i = 1, RATE * SECONDS do
                local key, value = "key " .. w:random(1, KEYS), i .. " " .. PADDING
                c:ask(w:pick(others), { type = "write", key = key, value = value }, common.AT_ONCE)
                last[key] = value
                if i == RATE // 2 then w:partition { behind, others } end
                if i == 2 * RATE then w:heal() end
                if i > RATE // 2 and i <= 2 * RATE and i % 4 == 0 then missed[key] = true end
                if i % 10 == 0 then
                    samples = samples + 1
                    w:spawn(function()
                        if fresh(key, value, "200ms") then early = early + 1 end
                        if fresh(key, value, "800ms") then late = late + 1 end
                    end)
                end
                if i % RATE == 0 then
                    w:expect_at_most("messages between nodes for each write", (common.between(w) - before) / i, MESSAGES)
                end
                w:sleep(1 / RATE)
            end
        end)

        w:step("a write costs at most 12,000 bytes between nodes", function()
            w:sleep("2s")
            w:expect_at_most("bytes between nodes for each write",
                w:bytes { from_kind = "node", to_kind = "node" } / (RATE * SECONDS), BYTES)
        end)

        w:step("half of the reads are at most 200 ms behind, and 99 of 100 at most 1 s", function()
            w:expect_at_least("of 100 reads, those that saw what had been written 200 ms before",
                100 * early / samples, 50)
            w:expect_at_least("of 100 reads, those that saw what had been written 1 s before",
                100 * late / samples, 99)
        end)

        w:step("those who were cut off have everything", function()
            w:sleep("1s")
            for key in pairs(missed) do
                for _, node in ipairs(behind) do
                    local reply = c:ask(node, { type = "read", key = key }, common.AT_ONCE)
                    w:expect("what " .. node .. " reads for " .. key, reply.value, last[key])
                end
            end
        end)

        w:step("all nodes agree", function()
            local some = {}
            for key in pairs(last) do some[#some + 1] = key end
            for _ = 1, 20 do
                local key = w:pick(some)
                for _, node in ipairs(w.nodes) do
                    local reply = c:ask(node, { type = "read", key = key }, common.AT_ONCE)
                    w:expect("what " .. node .. " reads for " .. key, reply.value, last[key])
                end
            end
        end)
    end,
}

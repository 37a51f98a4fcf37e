-- Task 18: what the last writer threw away. The same history under lww and with version vectors.

local common = require "common"

local PAIRS = 20
local PER_NODE = 40                      -- bytes of a context for each node of the cluster

local function halves(w)
    local left, right = {}, {}
    for i, node in ipairs(w.nodes) do table.insert(i <= #w.nodes // 2 and left or right, node) end
    return left, right
end

-- A list as a set, to compare without order. Fails if something is there twice.
local function as_set(w, list, call)
    local set = {}
    for _, value in ipairs(list) do
        if set[value] then
            w:fail { what = "the values", expected = "none twice", seen = json_text(list), about = call }
        end
        set[value] = true
    end
    return set
end

local function read(w, c, node, key)
    local call = c:begin(node, { type = "read", key = key })
    local reply = call:wait(common.AT_ONCE) or {}
    if reply.type ~= "read_ok" or type(reply.values) ~= "table" then
        w:fail { what = "what " .. node .. " answers to read", expected = "read_ok with values, within 5 ms",
            seen = json_text(reply), about = call }
    end
    return reply, call
end

local function expect_values(w, c, node, key, wanted)
    local reply, call = read(w, c, node, key)
    w:expect("the values that " .. node .. " reads for " .. key, as_set(w, reply.values, call), as_set(w, wanted), call)
    return reply.context
end

local function write(c, node, key, value, context)
    return c:ask(node, { type = "write", key = key, value = value, context = context }, common.AT_ONCE)
end

-- Each key is written on both sides of a cut.
local function write_pairs(w, c)
    local left, right = halves(w)
    w:partition { left, right }
    for i = 1, PAIRS do
        c:ask(w:pick(left), { type = "write", key = "pair " .. i, value = "left " .. i }, common.AT_ONCE)
        c:ask(w:pick(right), { type = "write", key = "pair " .. i, value = "right " .. i }, common.AT_ONCE)
    end
    w:sleep("1s")
    w:heal()
    w:sleep("3s")
end

return task {
    seeds = 3,
    part { name = "lww", nodes = 5, latency = "10ms", run = function(w)
        local c = w:client()
        common.set_mode(w, c, { mode = "lww" })

        w:step("in mode lww one of each concurrent pair is lost", function()
            write_pairs(w, c)
            for i = 1, PAIRS do
                local value = c:ask("n0", { type = "read", key = "pair " .. i }, common.AT_ONCE).value
                w:expect("whether " .. json_text(value) .. " is one of the pair", value == "left " .. i or
                    value == "right " .. i, true)
                for _, node in ipairs(w.nodes) do
                    local reply = c:ask(node, { type = "read", key = "pair " .. i }, common.AT_ONCE)
                    w:expect("what " .. node .. " reads for pair " .. i, reply.value, value)
                end
            end
        end)
    end },

    part { name = "versions", nodes = 7, latency = "10ms", run = function(w)
        local c = w:client()
        common.set_mode(w, c, { mode = "versions" })

        w:step("what was read and written over is gone", function()
            expect_values(w, c, "n0", "new", {})
            local first = write(c, "n0", "plain", "one")
            write(c, "n0", "plain", "two", first.context)
            local context = expect_values(w, c, "n0", "plain", { "two" })
            w:sleep("1s")
            write(c, "n3", "plain", "three", context)
            w:sleep("1s")
            for _, node in ipairs(w.nodes) do expect_values(w, c, node, "plain", { "three" }) end
        end)

        w:step("two writes to one node, neither of which knew the other, are both there", function()
            local first = write(c, "n0", "stale", "one")
            local second = write(c, "n0", "stale", "two", first.context)
            write(c, "n0", "stale", "three", first.context)
            local context = expect_values(w, c, "n0", "stale", { "two", "three" })
            write(c, "n0", "stale", "four", second.context)
            expect_values(w, c, "n0", "stale", { "three", "four" })
            write(c, "n0", "stale", "five", context)
            expect_values(w, c, "n0", "stale", { "four", "five" })
            for i = 1, 5 do
                local key = "blind " .. i
                write(c, "n1", key, "one")
                write(w:client(), "n1", key, "two")
                w:sleep("1s")
                for _, node in ipairs { "n1", "n4" } do expect_values(w, c, node, key, { "one", "two" }) end
            end
        end)

        w:step("in mode versions both of each concurrent pair are there, until somebody has seen both", function()
            write_pairs(w, c)
            local contexts = {}
            for i = 1, PAIRS do
                for _, node in ipairs(w.nodes) do
                    contexts[i] = expect_values(w, c, node, "pair " .. i, { "left " .. i, "right " .. i })
                end
            end
            for i = 1, PAIRS do write(c, w:pick(w.nodes), "pair " .. i, "joint", contexts[i]) end
            w:sleep("2s")
            for i = 1, PAIRS do
                for _, node in ipairs(w.nodes) do expect_values(w, c, node, "pair " .. i, { "joint" }) end
            end
        end)

        w:step("a delete takes away what was seen, and nothing else", function()
            local left, right = halves(w)
            write(c, left[1], "cart", "old")
            w:sleep("1s")
            w:partition { left, right }
            local context = expect_values(w, c, left[2], "cart", { "old" })
            write(c, left[2], "cart", "unseen")
            c:ask(left[2], { type = "delete", key = "cart", context = context }, common.AT_ONCE)
            expect_values(w, c, left[2], "cart", { "unseen" })
            write(c, right[1], "cart", "meanwhile", expect_values(w, c, right[1], "cart", { "old" }))
            write(c, right[2], "cart", "blind")
            w:sleep("1s")
            w:heal()
            w:sleep("3s")
            for _, node in ipairs(w.nodes) do
                context = expect_values(w, c, node, "cart", { "meanwhile", "blind", "unseen" })
            end
            c:ask(left[1], { type = "delete", key = "cart", context = context }, common.AT_ONCE)
            w:sleep("1s")
            for _, node in ipairs(w.nodes) do expect_values(w, c, node, "cart", {}) end
        end)

        w:step("the context has at most one entry a node, however many clients write", function()
            for i = 1, 60 do
                local other, node = w:client(), w:pick(w.nodes)
                write(other, node, "crowd", i, read(w, other, node, "crowd").context)
                if i % 20 == 0 then w:sleep("200ms") end
            end
            w:sleep("1s")
            for _, node in ipairs(w.nodes) do
                local reply, call = read(w, c, node, "crowd")
                w:expect_at_most("bytes of the context of " .. node, #json_text(reply.context or null),
                    PER_NODE * #w.nodes, call)
            end
        end)

        w:step("after 300 writes and deletes with contexts old and new, exactly what nobody has seen and replaced is there", function()
            local keys, kept = {}, {}            -- kept: contexts read earlier, with what they have seen
            for k = 1, 8 do
                keys[k] = { name = "key " .. k, written = {}, replaced = {} }
                kept[k] = { { seen = {} } }
            end
            for i = 1, 300 do
                local k, node = w:random(1, 8), w:pick(w.nodes)
                local key = keys[k]
                local before
                if w:random(1, 10) <= 3 then
                    before = w:pick(kept[k])
                else
                    local reply = read(w, c, node, key.name)
                    before = { context = reply.context, seen = reply.values }
                    table.insert(kept[k], before)
                end
                if w:random(1, 10) == 1 and before.context ~= nil then
                    c:ask(node, { type = "delete", key = key.name, context = before.context }, common.AT_ONCE)
                else
                    table.insert(key.written, i)
                    write(c, node, key.name, i, before.context)
                end
                for _, value in ipairs(before.seen) do key.replaced[value] = true end
                if i % 60 == 0 then w:heal() end
                if i % 60 == 30 then w:partition { halves(w) } end
                w:sleep(w:random(0, 40) / 1000)
            end
            w:heal()
            w:sleep("3s")
            for _, key in ipairs(keys) do
                local wanted = {}
                for _, value in ipairs(key.written) do
                    if not key.replaced[value] then wanted[#wanted + 1] = value end
                end
                for _, node in ipairs(w.nodes) do expect_values(w, c, node, key.name, wanted) end
            end
        end)
    end },
}

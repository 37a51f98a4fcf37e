-- 04-snapshot.lua: forget the past safely.
local common = require "common"

local KEYS, SEGMENT = 300, 32768

local function key(i) return ("key-%04d"):format(i) end

local function random_change(w, keys, bytes)
    local k = key(w:random(1, keys))
    if w:random(1, 10) == 1 then return { type = "delete", key = k } end
    return { type = "write", key = k, value = common.text(w, w:random(0, bytes)) }
end

local function names(w)
    local set = {}
    for _, f in ipairs(w:files("n0")) do set[f.path] = true end
    return set
end

return task {
    seeds = 2,
    part {
        name = "a map", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("a map in front of a log is still there after a restart", function()
                common.configure(c, { engine = "kv", segment_bytes = SEGMENT, compact_bytes = 1000000 })
                c:refused("n0", { type = "read", key = "none" }, 20)
                for i = 1, KEYS do
                    common.change(w, c, map, { type = "write", key = key(i), value = common.text(w, w:random(100, 500)) })
                end
                for _ = 1, 300 do common.change(w, c, map, random_change(w, KEYS, 600)) end
                common.verify_map(w, c, map)
                w:lose_power("n0")
                w:start("n0")
                common.verify_map(w, c, map)
            end)
            w:step("after a compaction at most 2 × live + 2 segments are kept", function()
                local reply = c:ask("n0", { type = "compact" })
                local kept = w:disk("n0").kept_bytes
                w:expect_at_most("bytes kept", kept, 2 * common.live_bytes(map) + 2 * SEGMENT)
                w:expect_between("bytes in compact_ok", reply.bytes, kept // 2, 2 * kept)
                w:restart("n0")
                common.verify_map(w, c, map)
            end)
            w:step("writes go on during a compaction, wait at most 10 ms, and are not lost", function()
                w:disk_cost("n0", { sync = "1ms", write = "100us", name = "100us" })
                for _ = 1, 4 do
                    local over = false
                    local done = c:begin("n0", { type = "compact" })
                    w:spawn(function() done:wait("5s"); over = true end)
                    repeat
                        local begun = w:now()
                        common.change(w, c, map, random_change(w, KEYS, 600))
                        w:expect_at_most("seconds that a write took", w:now() - begun, 0.01)
                        w:expect_at_most("bytes kept meanwhile", w:disk("n0").kept_bytes,
                            3 * common.live_bytes(map) + 2 * SEGMENT)
                    until over
                    w:expect("compact is answered", done.reply and done.reply.type, "compact_ok", done)
                    w:lose_power("n0")
                    w:start("n0")
                    common.verify_map(w, c, map)
                end
                w:disk_cost("n0", { sync = 0, write = 0, name = 0 })
            end)
            w:step("a compaction without room is error 11, and leaves everything as it was", function()
                c:ask("n0", { type = "compact" })
                local before = names(w)
                local kept = w:disk("n0").kept_bytes
                w:disk_limit("n0", kept + common.live_bytes(map) // 2)
                local reply = c:call("n0", { type = "compact" }, "5s")
                w:expect("the code", reply and reply.code, 11)
                for _ = 1, 20 do common.change(w, c, map, random_change(w, KEYS, 200)) end
                common.verify_map(w, c, map)
                w:disk_limit("n0", nil)
                w:restart("n0")
                common.verify_map(w, c, map)
                w:expect_at_most("bytes kept after the next start", w:disk("n0").kept_bytes, kept + 2 * SEGMENT)
                for name in pairs(names(w)) do
                    if not name:find("%.log$") and not name:find("%.idx$") then
                        w:expect("there was a file " .. name .. " before", before[name] or false, true)
                    end
                end
            end)
        end,
    },
    part {
        name = "by itself", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("the log is compacted by itself at compact_bytes", function()
                common.configure(c, { engine = "kv", segment_bytes = 8192, compact_bytes = 32768 })
                for i = 1, 1200 do
                    common.change(w, c, map, random_change(w, 30, 300))
                    if i % 100 == 0 then
                        w:expect_at_most("bytes kept", w:disk("n0").kept_bytes, 32768 + 3 * common.live_bytes(map) + 4 * 8192)
                    end
                    if i % 10 == 0 then w:sleep("5ms") end
                end
                common.verify_map(w, c, map)
                w:restart("n0")
                common.verify_map(w, c, map)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a loss of power at any change of two compactions loses nothing", function()
                common.sweep(w, 60, function()
                    local map = common.map()
                    common.fresh(w, c, { engine = "kv", segment_bytes = 4096, compact_bytes = 1000000 })
                    for _ = 1, 8 do common.change(w, c, map, random_change(w, 6, 900)) end
                    return map
                end, function(map, power)
                    for _ = 1, 2 do
                        local done = c:begin("n0", { type = "compact" })
                        for _ = 1, 3 do
                            if not power.lost then common.change(w, c, map, random_change(w, 6, 900), "20ms") end
                        end
                        w:await("the compaction is over", "1s", function() return power.lost or done.reply end)
                        if power.lost then break end
                    end
                end, function(map, nth)
                    common.verify_map(w, c, map)
                    if nth % 3 == 0 then
                        c:ask("n0", { type = "compact" })
                        w:restart("n0")
                        common.verify_map(w, c, map)
                    end
                end)
            end)
        end,
    },
}

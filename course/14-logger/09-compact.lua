-- 09-compact.lua: merge without losing or reviving.
local common = require "common"

local KEYS, OVERWRITES, VALUE, LEVEL = 1500, 4500, 100, 32768

local function key(i) return ("key-%06d"):format(2 * i - 1) end
local function absent(i) return ("key-%06d"):format(2 * i) end

local all = {}
for i = 1, KEYS do all[i] = key(i) end

local function put(w, k) return { "put", k, common.text(w, VALUE) } end

-- Random changes of the first n keys.
local function changes(w, n, count, deletes, bytes)
    local ops = {}
    for i = 1, count do
        local k = key(w:random(1, n))
        ops[i] = w:random(1, 100) <= deletes and { "del", k } or { "put", k, common.text(w, bytes) }
    end
    return ops
end

local function scan_some(w, c, map, n, count)
    for _ = 1, count do common.scan(w, c, map, key(w:random(1, n)), nil, w:random(1, 40)) end
end

return task {
    seeds = 2,
    part {
        name = "overwrites", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local user, peak = 0, 0
            w:step("every key has the value that was written last", function()
                common.configure(c, { engine = "lsm", memtable_bytes = 16384, bloom_bits = 10, level0_tables = 4,
                    level_bytes = LEVEL, ratio = 4 })
                local ops = {}
                for i = 1, KEYS do ops[i] = put(w, key(i)) end
                ops = w:shuffle(ops)
                for i = 1, OVERWRITES do ops[KEYS + i] = put(w, key(w:random(1, KEYS))) end
                user = #ops * (10 + VALUE)
                for from = 1, #ops, 100 do
                    common.change_many(w, c, map, table.move(ops, from, from + 99, 1, {}), 25)
                    w:sleep("5ms")
                    peak = math.max(peak, w:disk("n0").kept_bytes)
                end
                for _, k in ipairs(common.some(w, all, 200)) do common.read_key(w, c, map, k) end
                scan_some(w, c, map, KEYS, 5)
            end)
            w:step("bytes written are at most ten times those of the user", function()
                c:ask("n0", { type = "compact" }, "20s")
                w:expect_at_most("bytes written", w:disk("n0").bytes_written, 10 * user)
            end)
            w:step("bytes kept are at most twice those that live, and level 0", function()
                local live = common.live_bytes(map)
                w:expect_at_most("bytes kept when nothing is due", w:disk("n0").kept_bytes, 2 * live + 4 * LEVEL)
                w:expect_at_most("bytes kept at any time", peak, 3 * live + 4 * LEVEL)
            end)
            w:step("after a restart nothing has changed", function()
                w:restart("n0")
                for _, k in ipairs(common.some(w, all, 100)) do common.read_key(w, c, map, k) end
                scan_some(w, c, map, KEYS, 5)
            end)
            w:step("when everything has been deleted and merged, nothing is left", function()
                local ops = {}
                for i = 1, KEYS do ops[i] = { "del", key(i) } end
                common.change_many(w, c, map, w:shuffle(ops), 100)
                c:ask("n0", { type = "compact", full = true }, "20s")
                common.scan(w, c, map, "", nil, 10)
                w:expect_at_most("bytes kept", w:disk("n0").kept_bytes, 16384)
            end)
        end,
    },
    part {
        name = "small levels", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local N = 300
            w:step("a key that was deleted stays deleted, and snapshots see what they saw", function()
                common.configure(c, { engine = "lsm", memtable_bytes = 2048, bloom_bits = 10, level0_tables = 2,
                    level_bytes = 8192, ratio = 2 })
                local held = {}
                for round = 1, 18 do
                    common.change_many(w, c, map, changes(w, N, 100, 35, w:random(5, 90)), 10)
                    if w:random(1, 3) == 1 then c:ask("n0", { type = "compact" }, "20s") end
                    if round % 3 == 0 then
                        held[#held + 1] = common.copy(map, c:ask("n0", { type = "snapshot_open" }).snap)
                    end
                    if #held > 2 then
                        c:ask("n0", { type = "snapshot_close", snap = table.remove(held, w:random(1, #held)).snap })
                    end
                    for _, moment in ipairs(held) do
                        for _ = 1, 20 do common.read_key(w, c, moment, key(w:random(1, N))) end
                        scan_some(w, c, moment, N, 2)
                    end
                    for _ = 1, 20 do
                        local k = key(w:random(1, N))
                        map.keys[k] = true
                        common.read_key(w, c, map, k)
                    end
                end
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 1000)
                c:ask("n0", { type = "compact", full = true }, "20s")
                for _, moment in ipairs(held) do common.scan(w, c, moment, "", nil, 1000) end
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 1000)
            end)
        end,
    },
    part {
        name = "a storm", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("writes that come faster than merging wait at most a second, and reads stay cheap", function()
                common.configure(c, { engine = "lsm", memtable_bytes = 8192, bloom_bits = 0, level0_tables = 4,
                    level_bytes = 32768, ratio = 4 })
                for _ = 1, 3 do
                    w:disk_cost("n0", { sync = "5ms", write = "1ms" })
                    for _ = 1, 10 do
                        local begun = w:now()
                        common.change_many(w, c, map, changes(w, KEYS, 40, 0, VALUE), 40)
                        w:expect_at_most("seconds a write takes", w:now() - begun, 1)
                    end
                    w:disk_cost("n0", { sync = 0, write = 0 })
                    local calls = {}
                    for i = 1, 48 do
                        local ops = changes(w, KEYS, 40, 0, VALUE)
                        calls[i] = c:begin("n0", { type = "write_batch", ops = ops })
                        for _, op in ipairs(ops) do map.keys[op[2]], map.live[op[2]] = true, op[3] end
                    end
                    for _, call in ipairs(calls) do
                        w:expect("the type of the reply", (call:wait("1s") or {}).type, "write_batch_ok", call)
                    end
                    w:restart("n0")
                    local before = w:disk("n0")
                    c:refused("n0", { type = "read", key = absent(w:random(1, KEYS - 1)) }, 20)
                    w:expect_at_most("reads for an absent key in the midst of it", common.used(w, before).reads, 12 + 4)
                end
                c:ask("n0", { type = "compact" }, "20s")
                local before = w:disk("n0")
                c:refused("n0", { type = "read", key = absent(w:random(1, KEYS - 1)) }, 20)
                w:expect_at_most("reads for an absent key when nothing is due", common.used(w, before).reads, 4 + 4)
                scan_some(w, c, map, KEYS, 5)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a loss of power at any change loses nothing and revives nothing", function()
                common.sweep(w, 1000, function()
                    local map = common.map()
                    common.fresh(w, c, { engine = "lsm", memtable_bytes = 1024, bloom_bits = 10, level0_tables = 2,
                        level_bytes = 2048, ratio = 2 })
                    return map
                end, function(map, power)
                    for _ = 1, 36 do
                        local body = { type = "write", key = key(w:random(1, 15)), value = common.text(w, 150) }
                        if w:random(1, 3) == 1 then body = { type = "delete", key = body.key } end
                        if not common.change(w, c, map, body, "20ms") then break end
                        if power.lost then break end
                        if w:random(1, 4) == 1 then w:sleep("2ms") end
                    end
                end, function(map)
                    common.verify_map(w, c, map)
                end, 5)
            end)
        end,
    },
}

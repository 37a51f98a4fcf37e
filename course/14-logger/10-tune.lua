-- 10-tune.lua: three amplifications, pick two.
local common = require "common"

local KEYS, OVERWRITES, VALUE = 1200, 3600, 100

local function key(i) return ("key-%06d"):format(2 * i - 1) end
local function absent(i) return ("key-%06d"):format(2 * i) end

local all = {}
for i = 1, KEYS do all[i] = key(i) end

local function settings(compaction, bits)
    return { engine = "lsm", memtable_bytes = 8192, level0_tables = 4, level_bytes = 32768, ratio = 8,
        compaction = compaction, bloom_bits = bits }
end

-- The same changes for every setting: all keys in random order, then overwrites.
local function draw(w)
    local ops = {}
    for i, k in ipairs(all) do ops[i] = { "put", k, common.text(w, VALUE) } end
    ops = w:shuffle(ops)
    for i = 1, OVERWRITES do ops[KEYS + i] = { "put", key(w:random(1, KEYS)), common.text(w, VALUE) } end
    return ops
end

-- The same work for each setting; gives what it cost.
local function play(w, c, config, ops)
    local map, seen = common.map(), { kept = 0, scan = 0 }
    common.fresh(w, c, config)
    local begun = w:disk("n0")
    local function change(from, to)
        for i = from, to, 75 do
            common.change_many(w, c, map, table.move(ops, i, i + 74, 1, {}), 25)
            w:sleep("5ms")
        end
    end
    change(1, KEYS)
    local ROUNDS = 8
    for round = 1, ROUNDS do
        change(KEYS + (round - 1) * OVERWRITES // ROUNDS + 1, KEYS + round * OVERWRITES // ROUNDS)
        c:ask("n0", { type = "compact" }, "20s")
        seen.kept = seen.kept + w:disk("n0").kept_bytes / ROUNDS / common.live_bytes(map)
        local before = w:disk("n0")
        for i = 1, 10 do common.scan(w, c, map, key(100 * i + round), nil, 20) end
        seen.scan = seen.scan + common.used(w, before).reads / 10 / ROUNDS
    end
    seen.written = common.used(w, begun).bytes_written / (#ops * (VALUE + 10))
    local gone = {}
    for i = 1, 80 do gone[i] = absent(w:random(1, KEYS - 1)) end
    seen.absent = common.cost_of_reads(w, c, map, gone).reads / #gone
    seen.present = common.cost_of_reads(w, c, map, common.some(w, all, 80)).reads / 80
    w:tell("%s, %d bits: written %.1f, kept %.2f, absent %.2f, present %.2f, scan %.1f", config.compaction,
        config.bloom_bits, seen.written, seen.kept, seen.absent, seen.present, seen.scan)
    return seen
end

return task {
    seeds = 2,
    part {
        name = "three settings", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local levelled, tiered, plain
            w:step("every setting answers as the model does", function()
                local ops = draw(w)
                levelled = play(w, c, settings("levelled", 10), ops)
                tiered = play(w, c, settings("tiered", 10), ops)
                plain = play(w, c, settings("tiered", 0), ops)
            end)
            w:step("tiered writes at most 0.7 times what levelled writes", function()
                w:expect_at_most("bytes written for a byte of the user, tiered", tiered.written, 0.7 * levelled.written)
            end)
            w:step("levelled keeps at most 0.8 times what tiered keeps, and its scans read at most 0.8 times the blocks", function()
                w:expect_at_most("bytes kept for a live byte, levelled", levelled.kept, 0.8 * tiered.kept)
                w:expect_at_most("reads of a scan of 20 pairs, levelled", levelled.scan, 0.8 * tiered.scan)
            end)
            w:step("filters divide the cost of absent keys by ten, and leave scans as they are", function()
                w:expect_at_most("reads for an absent key, with filters", tiered.absent, plain.absent / 10)
                w:expect_between("reads of a scan with filters, against one without", tiered.scan / plain.scan, 0.95, 1.05)
            end)
        end,
    },
    part {
        name = "switching", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a folder that changes its strategy loses nothing and mixes up no versions", function()
                local map = common.map()
                local config = settings("tiered", 10)
                config.memtable_bytes, config.level_bytes, config.ratio = 2048, 8192, 4
                common.configure(c, config)
                for round = 1, 8 do
                    local ops = {}
                    for i = 1, w:random(100, 400) do
                        local k = key(w:random(1, 250))
                        ops[i] = w:random(1, 3) == 1 and { "del", k } or { "put", k, common.text(w, VALUE) }
                    end
                    common.change_many(w, c, map, ops, 20)
                    w:sleep("20ms")
                    c:ask("n0", { type = "tune", compaction = round % 2 == 1 and "levelled" or "tiered",
                        bloom_bits = w:random(0, 1) * 10 })
                    if w:random(1, 2) == 1 then w:restart("n0") end
                    w:sleep("20ms")
                    for _ = 1, 60 do
                        local k = key(w:random(1, 250))
                        map.keys[k] = true
                        common.read_key(w, c, map, k)
                    end
                    for _ = 1, 3 do common.scan(w, c, map, key(w:random(1, 250)), nil, w:random(1, 50)) end
                end
                c:ask("n0", { type = "compact", full = true }, "20s")
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 400)
            end)
        end,
    },
}

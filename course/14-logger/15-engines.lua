-- 15-engines.lua: B-tree against LSM, measured.
local common = require "common"

local KEYS, VALUE = 3000, 100

local function key(i) return ("key-%012d"):format(2 * i - 1) end
local function absent(i) return ("key-%012d"):format(2 * i) end

-- Equal memory: 16 frames of 4 KiB, or 32 KiB of memtable and the filters of the tables.
local configs = {
    btree = { engine = "btree", pool_pages = 16, checkpoint_bytes = 131072, sync = "batch", batch_ms = 10 },
    lsm = { engine = "lsm", memtable_bytes = 32768, bloom_bits = 10, level0_tables = 4, level_bytes = 131072, ratio = 4,
        sync = "batch", batch_ms = 10 },
}

local function draw(w)
    local work = { load = {}, overwrite = {}, present = {}, absent = {}, scans = {}, gone = {} }
    for i = 1, KEYS do work.load[i] = { "put", key(i), common.text(w, VALUE) } end
    work.load = w:shuffle(work.load)
    for i = 1, 1000 do work.overwrite[i] = { "put", key(w:random(1, KEYS)), common.text(w, VALUE) } end
    for i = 1, 150 do
        work.present[i], work.absent[i] = key(w:random(1, KEYS)), absent(w:random(1, KEYS - 1))
        work.scans[i] = w:random(1, KEYS)
    end
    for i = 1, 300 do work.gone[i] = { "del", key(w:random(1, KEYS)) } end
    return work
end

local function settle(w, c, name)
    if name == "lsm" then c:ask("n0", { type = "compact" }, "20s") end
end

-- No key is missing yet, so what a scan must show is plain.
local function scan(w, c, map, from, limit)
    local call = c:begin("n0", { type = "scan", from = key(from), limit = limit })
    local reply = call:wait("1s") or {}
    w:expect("how many pairs come", #(reply.pairs or {}), math.min(limit, KEYS - from + 1), call)
    for i, pair in ipairs(reply.pairs) do
        if pair[1] ~= key(from + i - 1) or pair[2] ~= map.live[pair[1]] then
            local expected = key(from + i - 1) .. " and its last value"
            w:fail { what = "pair " .. i .. " of a scan", expected = expected, seen = pair[1], about = call }
        end
    end
end

-- The same work for both; gives its price.
local function play(w, c, name, work)
    local map, seen = common.map(), {}
    common.fresh(w, c, configs[name])
    common.change_many(w, c, map, work.load, 60)
    settle(w, c, name)
    local before = w:disk("n0")
    for i = 1, #work.overwrite, 250 do
        common.change_many(w, c, map, table.move(work.overwrite, i, i + 249, 1, {}), 10)
    end
    settle(w, c, name)
    seen.written = common.used(w, before).bytes_written / (#work.overwrite * (16 + VALUE))
    seen.kept = w:disk("n0").kept_bytes / common.live_bytes(map)
    common.cost_of_reads(w, c, map, table.move(work.present, 1, 40, 1, {}))
    seen.present = common.cost_of_reads(w, c, map, work.present).reads / #work.present
    seen.absent = common.cost_of_reads(w, c, map, work.absent).reads / #work.absent
    before = w:disk("n0")
    for i = 1, 60 do scan(w, c, map, work.scans[i], 20) end
    seen.scan = common.used(w, before).bytes_read / 60 / 4096
    before = w:disk("n0")
    for i = 1, 8 do scan(w, c, map, work.scans[i], 400) end
    seen.long_scan = common.used(w, before).bytes_read / 8 / 4096
    common.change_many(w, c, map, work.gone, 50)
    for i = 1, 10 do common.change(w, c, map, { type = "write", key = key(i), value = common.text(w, VALUE) }) end
    w:lose_power("n0")
    w:start("n0")
    for i = 1, 10 do common.read_key(w, c, map, key(i)) end
    for i = 201, 300 do common.read_key(w, c, map, work.gone[i][2]) end
    for i = 1, 100 do common.read_key(w, c, map, work.overwrite[i][2]) end
    for i = 1, 5 do common.scan(w, c, map, key(work.scans[i]), nil, 50) end
    w:tell("%s: written %.1f, kept %.2f, present %.2f, absent %.2f, scan of 20 %.1f, of 400 %.1f", name, seen.written,
        seen.kept, seen.present, seen.absent, seen.scan, seen.long_scan)
    return seen
end

return task {
    seeds = 2,
    part {
        name = "two engines", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local work, btree, lsm
            w:step("both answer as the model does, after a loss of power, too", function()
                work = draw(w)
                btree = play(w, c, "btree", work)
                lsm = play(w, c, "lsm", work)
            end)
            w:step("for uniform overwrites the B-tree writes at least three times as much", function()
                w:expect_at_least("bytes written for a byte of the user, B-tree", btree.written, 3 * lsm.written)
            end)
            w:step("a short scan reads less from the B-tree", function()
                w:expect_at_most("pages a scan of 20 pairs, B-tree", btree.scan, 0.7 * lsm.scan)
            end)
            w:step("an absent key costs the merge tree next to nothing, and the B-tree a page", function()
                w:expect_at_most("reads for an absent key, merge tree", lsm.absent, 0.1)
                w:expect_at_least("reads for an absent key, B-tree", btree.absent, 0.7)
            end)
            w:step("a key that is there costs both about one read", function()
                w:expect_between("reads for a key, merge tree", lsm.present, 0.7, 1.3)
                w:expect_between("reads for a key, B-tree", btree.present, 0.7, 1.3)
            end)
        end,
    },
}

-- 08-levels.lua: many runs, one truth.
local common = require "common"

local KEYS = 1200
local BLOCK = 4500 -- one read of a block may be so long

-- Odd numbers are keys, even ones are not.
local function key(i) return ("key-%06d"):format(2 * i - 1) end
local function absent(i) return ("key-%06d"):format(2 * i) end

local all, none = {}, {}
for i = 1, KEYS do all[i], none[i] = key(i), absent(i) end

local function changes(w, n, deletes)
    local ops = {}
    for i = 1, n do
        local k = key(w:random(1, KEYS))
        ops[i] = w:random(1, 100) <= deletes and { "del", k } or { "put", k, common.text(w, w:random(60, 140)) }
    end
    return ops
end

-- What is in memory goes down to this level.
local function down_to(c, level)
    c:ask("n0", { type = "flush" })
    for from = 0, level - 1 do c:ask("n0", { type = "compact", level = from }) end
end

-- Two levels below level 0, with three tables on that and something in memory: 5 runs. The deepest level has the oldest
-- entries in the newest files.
local function build(w, c, map)
    local ops = {}
    for i, k in ipairs(all) do ops[i] = { "put", k, common.text(w, 100) } end
    common.change_many(w, c, map, w:shuffle(ops), 20)
    down_to(c, 3)
    common.change_many(w, c, map, changes(w, 300, 25), 20)
    down_to(c, 2)
    common.change_many(w, c, map, changes(w, 120, 25), 20)
    down_to(c, 1)
    for _ = 1, 3 do
        common.change_many(w, c, map, changes(w, 40, 25), 20)
        c:ask("n0", { type = "flush" })
    end
    c:ask("n0", { type = "compact", level = 2 })
    common.change_many(w, c, map, changes(w, 20, 25), 20)
end
local RUNS = 5

local function scans(w, c, map, n)
    for _ = 1, n do
        local a, b = w:random(1, KEYS), w:random(1, KEYS)
        common.scan(w, c, map, key(math.min(a, b)), key(math.max(a, b)), w:random(1, 60))
    end
end

local function configure(c, bits)
    common.configure(c, { engine = "lsm", memtable_bytes = 1000000, bloom_bits = bits, level_bytes = 65536 })
end

return task {
    seeds = 2,
    part {
        name = "five runs", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("the newest entry of a key counts, on whatever level it lies", function()
                configure(c, 10)
                build(w, c, map)
                for _, k in ipairs(common.some(w, all, 400)) do common.read_key(w, c, map, k) end
                scans(w, c, map, 20)
            end)
            w:step("and after a restart", function()
                w:restart("n0")
                for _, k in ipairs(common.some(w, all, 200)) do common.read_key(w, c, map, k) end
                scans(w, c, map, 20)
            end)
            w:step("a key that is there costs at most 1.3 block reads", function()
                local live = {}
                for k in pairs(map.live) do live[#live + 1] = k end
                w:expect_at_most("reads for 300 keys", common.cost_of_reads(w, c, map, common.some(w, live, 300)).reads, 390)
            end)
            w:step("a scan reads at most twice what it shows, and two blocks a run", function()
                for _ = 1, 20 do
                    local before, from = w:disk("n0"), w:random(1, KEYS)
                    local limit = w:random(1, 100)
                    common.scan(w, c, map, key(from), nil, limit)
                    w:expect_at_most(("bytes read by a scan of %d pairs"):format(limit),
                        common.used(w, before).bytes_read, 2 * limit * 150 + RUNS * 2 * BLOCK)
                end
            end)
        end,
    },
    part {
        name = "no filters", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("without filters a key that is not there costs at most a block a run", function()
                configure(c, 0)
                build(w, c, map)
                for _ = 1, 60 do
                    w:expect_at_most("reads for an absent key", common.cost_of_reads(w, c, map, { w:pick(none) }).reads, RUNS)
                end
            end)
        end,
    },
    part {
        name = "moments", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("a snapshot shows its moment, whatever is flushed and merged later", function()
                configure(c, 10)
                local held = {}
                for round = 1, 8 do
                    common.change_many(w, c, map, changes(w, 100, 30), 10)
                    if w:random(1, 3) > 1 then c:ask("n0", { type = "flush" }) end
                    if round % 2 == 0 then c:ask("n0", { type = "compact", level = w:random(0, 2) }) end
                    held[#held + 1] = common.copy(map, c:ask("n0", { type = "snapshot_open" }).snap)
                    if #held > 3 then
                        c:ask("n0", { type = "snapshot_close", snap = table.remove(held, w:random(1, #held)).snap })
                    end
                    for _, moment in ipairs(held) do
                        for _, k in ipairs(common.some(w, all, 40)) do common.read_key(w, c, moment, k) end
                        scans(w, c, moment, 3)
                    end
                end
                common.verify_map(w, c, map)
                for _, moment in ipairs(held) do common.verify_map(w, c, moment) end
            end)
            w:step("a snapshot that was closed is gone", function()
                local snap = c:ask("n0", { type = "snapshot_open" }).snap
                c:ask("n0", { type = "snapshot_close", snap = snap })
                c:refused("n0", { type = "read", key = key(1), snap = snap }, 22)
                c:refused("n0", { type = "scan", from = "", limit = 1, snap = snap }, 22)
                c:refused("n0", { type = "snapshot_close", snap = snap }, 22)
            end)
        end,
    },
    part {
        name = "the list of tables", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local function names()
                local list = {}
                for i, f in ipairs(common.files(w, ".sst")) do list[i] = f.path end
                return list
            end
            w:step("tables that the manifest does not name are removed, and never read", function()
                configure(c, 10)
                common.change_many(w, c, map, changes(w, 150, 0), 10)
                c:ask("n0", { type = "flush" })
                common.change_many(w, c, map, changes(w, 150, 30), 10)
                c:ask("n0", { type = "flush" })
                local old = {}
                for _, name in ipairs(names()) do old[name] = w:read_file("n0", name) end
                common.change_many(w, c, map, changes(w, 150, 60), 10)
                down_to(c, 2)
                local wanted = names()
                w:kill("n0")
                for name, bytes in pairs(old) do
                    if w:random(1, 2) == 1 then w:put_file("n0", "9" .. name, bytes) end
                    w:put_file("n0", name, bytes)
                end
                w:start("n0")
                w:expect("the files that end in .sst", names(), wanted)
                common.verify_map(w, c, map)
                scans(w, c, map, 10)
            end)
            w:step("a damaged manifest is error 1001, never a wrong value", function()
                for _ = 1, 4 do
                    local list = {}
                    w:kill("n0")
                    for _, f in ipairs(w:files("n0")) do
                        if f.path:find("^manifest") then list[#list + 1] = f end
                    end
                    w:expect_at_least("files whose names begin with manifest", #list, 1)
                    local f = w:pick(list)
                    local bit = { offset = w:random(0, f.bytes - 1), len = 1, mask = 1 << w:random(0, 7) }
                    local sound = w:read_file("n0", f.path)
                    w:rot("n0", f.path, bit)
                    w:start("n0")
                    for _, k in ipairs(common.some(w, all, 20)) do
                        local call = c:begin("n0", { type = "read", key = k })
                        local reply = call:wait("1s") or {}
                        if reply.code ~= 1001 then w:expect("the value of " .. k, reply.value, map.live[k], call) end
                    end
                    w:kill("n0")
                    w:put_file("n0", f.path, sound)
                    w:start("n0")
                    for _, k in ipairs(common.some(w, all, 50)) do common.read_key(w, c, map, k) end
                end
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a loss of power at any change of a merge loses nothing", function()
                common.sweep(w, 80, function()
                    local map = common.map()
                    common.fresh(w, c, { engine = "lsm", memtable_bytes = 1000000, level_bytes = 4096 })
                    for level = 1, 0, -1 do
                        common.change_many(w, c, map, changes(w, 12, level == 0 and 40 or 0), 4)
                        down_to(c, level)
                    end
                    return map
                end, function(map, power)
                    c:call("n0", { type = "compact", level = 0 }, "20ms")
                    if not power.lost then c:call("n0", { type = "compact", level = 1 }, "20ms") end
                end, function(map)
                    common.verify_map(w, c, map)
                end)
            end)
        end,
    },
}

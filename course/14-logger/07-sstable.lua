-- 07-sstable.lua: flush, filter, find.
local common = require "common"

local KEYS, MEMTABLE, BATCH = 2000, 16384, 10
local PAIR = 130 -- bytes of a key and its value

-- Odd numbers are keys, even ones are not, so absent keys lie between present ones.
local function key(i) return ("key-%06d"):format(2 * i - 1) end
local function absent(i) return ("key-%06d"):format(2 * i) end

local function load(w, c, map)
    local order = {}
    for i = 1, KEYS do order[i] = i end
    order = w:shuffle(order)
    for from = 1, KEYS, BATCH do
        local ops = {}
        for i = from, from + BATCH - 1 do
            local k, v = key(order[i]), common.text(w, PAIR - 10)
            ops[#ops + 1] = { "put", k, v }
            map.keys[k], map.live[k] = true, v
        end
        c:ask("n0", { type = "write_batch", ops = ops })
    end
end

local function tables(w) return common.files(w, ".sst") end

-- Reads n keys; present ones are right or, if that is allowed, damaged. Gives how many were damaged.
local function read_keys(w, c, map, list, may_be_damaged)
    local damaged = 0
    for _, k in ipairs(list) do
        local call = c:begin("n0", { type = "read", key = k })
        local reply = call:wait("1s") or {}
        if reply.code == 1001 and may_be_damaged then
            damaged = damaged + 1
        else
            w:expect("the value of " .. k, reply.value, map.live[k], call)
            if map.live[k] == nil then w:expect("the code", reply.code, 20, call) end
        end
    end
    return damaged
end

local function some(w, name, n)
    local list = {}
    for i = 1, n do list[i] = name(w:random(1, KEYS - 1)) end
    return list
end

return task {
    seeds = 3,
    part {
        name = "sixteen tables", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local count
            w:step("what is flushed to tables is found there", function()
                common.configure(c, { engine = "lsm", memtable_bytes = MEMTABLE, bloom_bits = 10 })
                load(w, c, map)
                c:ask("n0", { type = "flush" })
                count = #tables(w)
                w:expect_between("files that end in .sst", count, 10, 20)
                read_keys(w, c, map, some(w, key, 200))
                common.scan(w, c, map, key(1000), key(1200), 100)
            end)
            w:step("tables are little longer than their data, and the log is short", function()
                w:expect_at_most("bytes of all tables", common.bytes_of(tables(w)), KEYS * PAIR * 13 // 10)
                w:expect_at_most("bytes of the log", common.bytes_of(common.files(w, ".log")), 2 * MEMTABLE)
            end)
            w:step("a key that is not there costs at most 0.02 block reads a table", function()
                w:restart("n0")
                local before = w:disk("n0")
                read_keys(w, c, map, some(w, absent, 500))
                w:expect_at_most("reads for 500 absent keys in " .. count .. " tables",
                    common.used(w, before).reads, 500 * count * 0.02)
            end)
            w:step("a key that is there costs at most 1.2 block reads", function()
                local before = w:disk("n0")
                read_keys(w, c, map, some(w, key, 500))
                local used = common.used(w, before)
                w:expect_at_most("reads for 500 keys", used.reads, 600)
                w:expect_at_most("bytes of a read", used.bytes_read / used.reads, 4500)
            end)
            w:step("rot in a data block is error 1001 for the keys of that block", function()
                w:kill("n0")
                local f = w:pick(tables(w))
                w:rot("n0", f.path, { offset = w:random(0, f.bytes // 2), len = 1, mask = 1 << w:random(0, 7) })
                w:start("n0")
                local list = {}
                for i = 1, KEYS do list[i] = key(i) end
                w:expect_between("keys that are damaged", read_keys(w, c, map, list, true), 1, 45)
            end)
            w:step("rot anywhere gives no wrong answer", function()
                for _ = 1, 4 do
                    w:kill("n0")
                    local f = w:pick(tables(w))
                    w:rot("n0", f.path, { offset = f.bytes - 1 - w:random(0, f.bytes // 8), len = 1,
                        mask = 1 << w:random(0, 7) })
                    w:start("n0")
                    read_keys(w, c, map, some(w, key, 200), true)
                    read_keys(w, c, map, some(w, absent, 50), true)
                end
            end)
        end,
    },
    part {
        name = "old and new", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("newer tables hide older ones, deletes too, before and after a restart", function()
                common.configure(c, { engine = "lsm", memtable_bytes = MEMTABLE, bloom_bits = 10 })
                for _ = 1, 6 do
                    for _ = 1, 25 do
                        local k = key(w:random(1, 40))
                        if w:random(1, 3) == 1 then common.change(w, c, map, { type = "delete", key = k })
                        else common.change(w, c, map, { type = "write", key = k, value = common.text(w, 50) }) end
                    end
                    c:ask("n0", { type = "flush" })
                end
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 100)
                w:restart("n0")
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 100)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a loss of power at any change of a flush loses nothing", function()
                local function write_some(map, power)
                    for _ = 1, 3 do
                        local body = { type = "write", key = key(w:random(1, 5)), value = common.text(w, 700) }
                        if not power.lost then common.change(w, c, map, body, "20ms") end
                    end
                end
                common.sweep(w, 60, function()
                    local map = common.map()
                    common.fresh(w, c, { engine = "lsm", memtable_bytes = 1000000, bloom_bits = 10 })
                    write_some(map, {})
                    return map
                end, function(map, power)
                    c:call("n0", { type = "flush" }, "20ms")
                    write_some(map, power)
                end, function(map, nth)
                    common.verify_map(w, c, map)
                    if nth % 3 == 0 then
                        c:ask("n0", { type = "flush" })
                        w:restart("n0")
                        common.verify_map(w, c, map)
                    end
                end)
            end)
        end,
    },
}

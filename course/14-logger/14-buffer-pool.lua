-- 14-buffer-pool.lua: a small window on a large file.
local common = require "common"

local PAIRS, VALUE, FRAMES, PAGE = 12000, 100, 24, 4096

local function key(i) return ("key-%012d"):format(2 * i - 1) end

local function load(w, c)
    local map, unit = common.map(), common.text(w, VALUE - 12)
    for from = 1, PAIRS, 300 do
        local some = {}
        for i = from, from + 299 do
            some[#some + 1] = { key(i), ("%012d"):format(i) .. unit }
            map.live[key(i)] = some[#some][2]
        end
        c:ask("n0", { type = "load", pairs = some })
    end
    c:ask("n0", { type = "load_end" })
    return map
end

local function uniform(w, n)
    local keys = {}
    for i = 1, n do keys[i] = key(w:random(1, PAIRS)) end
    return keys
end

-- n keys of ten leaves.
local function hot(w, places, n)
    local keys = {}
    for i = 1, n do keys[i] = key(w:pick(places) + w:random(0, 3)) end
    return keys
end

return task {
    seeds = 2,
    part {
        name = "eight frames", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("eight frames are enough, for splits and for merges", function()
                common.configure(c, { engine = "btree", pool_pages = 8, checkpoint_bytes = 100000 })
                local ops = {}
                for i = 1, 350 do ops[i] = { "put", ("long"):rep(w:random(1, 60)) .. key(i), common.text(w, w:random(100, 900)) } end
                common.change_many(w, c, map, w:shuffle(ops), 25)
                for _, op in ipairs(ops) do common.read_key(w, c, map, op[2]) end
                local gone = {}
                for i = 1, 300 do gone[i] = { "del", ops[i][2] } end
                common.change_many(w, c, map, w:shuffle(gone), 25)
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 60)
            end)
        end,
    },
    part {
        name = "a window", nodes = 1, disk = true,
        run = function(w)
            local c, map, places = w:client(), nil, {}
            w:step("uniform reads cost at least 0.9 and at most 1.8 page reads each", function()
                common.configure(c, { engine = "btree", pool_pages = FRAMES, checkpoint_bytes = 1000000 })
                map = load(w, c)
                common.cost_of_reads(w, c, map, uniform(w, 100))
                local reads = common.cost_of_reads(w, c, map, uniform(w, 400)).reads
                w:expect_between("page reads a get", reads / 400, 0.9, 1.8)
            end)
            w:step("a hot set that fits stays in memory", function()
                for i = 1, 10 do places[i] = w:random(1, PAIRS - 4) end
                common.cost_of_reads(w, c, map, hot(w, places, 200))
                local reads = common.cost_of_reads(w, c, map, hot(w, places, 300)).reads
                w:expect_at_most("page reads a get", reads / 300, 0.02)
            end)
            w:step("and stays there when scans pass by", function()
                local reads = 0
                for _ = 1, 10 do
                    c:ask("n0", { type = "scan", from = key(w:random(1, PAIRS - 500)), limit = 500 })
                    reads = reads + common.cost_of_reads(w, c, map, hot(w, places, 30)).reads
                end
                w:expect_at_most("page reads a get", reads / 300, 0.15)
            end)
            w:step("three hundred overwrites of one page write it at most six times", function()
                local before = w:disk("n0")
                for i = 1, 300 do
                    common.change(w, c, map, { type = "write", key = key(5000 + i % 4), value = common.text(w, VALUE) })
                end
                w:expect_at_most("bytes written", common.used(w, before).bytes_written,
                    300 * (16 + VALUE + 64) + 6 * 3 * PAGE)
            end)
            w:step("random overwrites and a loss of power: what was acknowledged is there", function()
                local keys = uniform(w, 150)
                for _, k in ipairs(keys) do common.change(w, c, map, { type = "write", key = k, value = common.text(w, VALUE) }) end
                w:lose_power("n0")
                w:start("n0")
                common.cost_of_reads(w, c, map, keys)
                common.cost_of_reads(w, c, map, uniform(w, 50))
            end)
        end,
    },
    part {
        name = "log first", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local KEYS = 120
            w:step("no page is on the disk whose log record is not: what is left is always a prefix", function()
                common.configure(c, { engine = "btree", pool_pages = 20, checkpoint_bytes = 200000, sync = "interval",
                    interval_ms = 100 })
                local writes, n = {}, 0 -- writes[n] = { key, when it was acknowledged }
                for round = 1, 20 do -- many writes, so that pages go to the disk; then few, which the log alone keeps
                    for _ = 1, round % 2 == 1 and w:random(20, 44) or w:random(3, 9) do
                        n = n + 1
                        local k = key(w:random(1, KEYS))
                        c:ask("n0", { type = "write", key = k, value = ("%06d"):format(n) .. ("x"):rep(700) })
                        writes[n] = { key = k, at = w:now() }
                        w:sleep("3ms")
                    end
                    if round % 2 == 0 then w:sleep("150ms") end
                    local at = w:now()
                    w:lose_power("n0")
                    w:start("n0")
                    local seen, last = {}, 0
                    for i = 1, KEYS do
                        local reply = c:call("n0", { type = "read", key = key(i) }) or {}
                        w:expect("read_ok or error 20", reply.type == "read_ok" or reply.code == 20, true)
                        seen[key(i)] = reply.value and tonumber(reply.value:sub(1, 6)) or 0
                        last = math.max(last, seen[key(i)])
                    end
                    for i = last + 1, n do
                        w:expect_at_least(("when write %d was acknowledged, which is lost"):format(i), writes[i].at, at - 0.11)
                        writes[i] = nil
                    end
                    n = last
                    local wanted = {}
                    for i = 1, n do wanted[writes[i].key] = i end
                    for k, number in pairs(seen) do
                        w:expect("the last write of " .. k .. " among the first " .. n, number, wanted[k] or 0)
                    end
                end
            end)
        end,
    },
}

-- 12-btree-insert.lua: splitting without tearing.
local common = require "common"

local PAIRS, CHECKPOINT = 2000, 131072

local function key(i) return ("key-%012d"):format(2 * i - 1) end

local function value(w)
    return common.text(w, w:random(1, 8) == 1 and w:random(1, 1000) or w:random(1, 200))
end

local function configure(c, more)
    local config = { engine = "btree", pool_pages = 64, checkpoint_bytes = CHECKPOINT }
    for k, v in pairs(more or {}) do config[k] = v end
    common.configure(c, config)
end

local orders = {
    rising = function(_, list) return list end,
    falling = function(_, list)
        local turned = {}
        for i = #list, 1, -1 do turned[#turned + 1] = list[i] end
        return turned
    end,
    random = function(w, list) return w:shuffle(list) end,
}

local function longest(w)
    local most = 0
    for _, f in ipairs(w:files("n0")) do most = math.max(most, f.bytes) end
    return most
end

local function look(w, c, map, n)
    common.settle(w, c, map)
    for _ = 1, n do
        local k = key(w:random(1, PAIRS))
        map.keys[k] = true
        common.read_key(w, c, map, k)
    end
    for _ = 1, n // 10 do common.scan(w, c, map, key(w:random(1, PAIRS)), nil, w:random(1, 40)) end
end

return task {
    seeds = 2,
    part {
        name = "three orders", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            for _, name in ipairs { "random", "rising", "falling" } do
                local map = common.map()
                w:step("in " .. name .. " order: all keys are found, the log stays short and the tree flat", function()
                    if name ~= "random" then
                        w:kill("n0")
                        w:start("n0", { data = "empty" })
                    end
                    configure(c)
                    local ops = {}
                    for i = 1, PAIRS do ops[i] = { "put", key(i), value(w) } end
                    ops = orders[name](w, ops)
                    for from = 1, PAIRS, 250 do
                        common.change_many(w, c, map, table.move(ops, from, from + 249, 1, {}), 25)
                        w:expect_at_most("bytes of the log", common.bytes_of(common.files(w, ".log")), 2 * CHECKPOINT)
                    end
                    look(w, c, map, 60)
                    local data = common.live_bytes(map)
                    w:restart("n0")
                    w:expect_at_most("reads for the first get", common.cost_of_reads(w, c, map, { key(w:random(1, PAIRS)) }).reads, 4)
                    look(w, c, map, 60)
                    w:expect_at_most("bytes of the longest file", longest(w), 5 * data // 2)
                end)
            end
            w:step("values grow and shrink", function()
                local map = common.map()
                common.fresh(w, c, { engine = "btree", pool_pages = 64, checkpoint_bytes = CHECKPOINT })
                for _ = 1, 6 do
                    local ops = {}
                    for i = 1, 150 do ops[i] = { "put", key(w:random(1, 80)), common.text(w, w:random(0, 2) * 490) } end
                    common.change_many(w, c, map, ops, 10)
                    common.verify_map(w, c, map)
                end
                common.scan(w, c, map, "", nil, 100)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local function write_some(map, power, n, keys, bytes)
                for _ = 1, n do
                    local body = { type = "write", key = key(w:random(1, keys)), value = common.text(w, w:random(bytes // 2, bytes)) }
                    if power.lost or not common.change(w, c, map, body, "20ms") then return end
                end
            end
            w:step("a loss of power at any change of the first splits loses nothing and damages nothing", function()
                common.sweep(w, 150, function()
                    common.fresh(w, c, { engine = "btree", pool_pages = 64, checkpoint_bytes = 3000 })
                    return common.map()
                end, function(map, power) write_some(map, power, 14, 14, 900) end,
                function(map) common.verify_map(w, c, map) end, 4)
            end)
            w:step("a tree that crashes again and again is whole each time", function()
                local map = common.map()
                common.fresh(w, c, { engine = "btree", pool_pages = 16, checkpoint_bytes = 30000 })
                for _ = 1, 14 do
                    local ops = {}
                    for i = 1, 40 do ops[i] = { "put", key(w:random(1, 300)), common.text(w, w:random(100, 900)) } end
                    common.change_many(w, c, map, ops, 20)
                    local power = { lost = false }
                    local trap = w:at_change("n0", w:random(1, 70), function() w:lose_power("n0"); power.lost = true end)
                    write_some(map, power, 30, 300, 900)
                    trap:off()
                    if not power.lost then w:lose_power("n0") end
                    w:start("n0")
                    look(w, c, map, 20)
                end
                common.verify_map(w, c, map)
            end)
        end,
    },
    part {
        name = "a failing disk", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local function some(n)
                for _ = 1, n do
                    local body = { type = "write", key = key(w:random(1, 100)), value = common.text(w, w:random(300, 900)) }
                    common.change(w, c, map, body)
                end
            end
            w:step("errors in the midst of splits lose nothing that was acknowledged", function()
                configure(c, { pool_pages = 16, checkpoint_bytes = 10000 })
                for round = 1, 10 do
                    w:disk_fail("n0", { call = w:pick { "write", "sync" }, nth = w:random(1, 40),
                        error = w:pick { "EIO", "ENOSPC" } })
                    some(30)
                    common.verify_map(w, c, map)
                    if round % 3 == 0 then
                        w:lose_power("n0")
                        w:start("n0")
                        common.verify_map(w, c, map)
                    end
                end
            end)
            w:step("a full disk refuses changes, answers reads, and is well again when there is room", function()
                w:disk_limit("n0", w:disk("n0").kept_bytes + 3000)
                some(30)
                common.verify_map(w, c, map)
                w:disk_limit("n0", nil)
                some(30)
                w:lose_power("n0")
                w:start("n0")
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 60)
            end)
        end,
    },
}

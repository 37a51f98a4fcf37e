-- 13-btree-delete.lua: shrinking back.
local common = require "common"

local PAIRS, VALUE, PAGE = 2500, 100, 4096

local function key(i) return ("key-%012d"):format(2 * i - 1) end

local function puts(w, from, to)
    local ops = {}
    for i = from, to do ops[#ops + 1] = { "put", key(i), common.text(w, VALUE) } end
    return ops
end

-- Nine of ten keys, in an order.
local function nine_of_ten(w, order)
    local ops = {}
    for i = 1, PAIRS do
        if i % 10 ~= 0 then ops[#ops + 1] = { "del", key(i) } end
    end
    if order == "random" then return w:shuffle(ops) end
    if order == "falling" then
        for i = 1, #ops // 2 do ops[i], ops[#ops + 1 - i] = ops[#ops + 1 - i], ops[i] end
    end
    return ops
end

local function longest(w)
    local most = 0
    for _, f in ipairs(w:files("n0")) do most = math.max(most, f.bytes) end
    return most
end

-- The whole map, in scans of a hundred; gives how many reads that took.
local function scan_all(w, c, map)
    local keys = {}
    for k in pairs(map.live) do keys[#keys + 1] = k end
    table.sort(keys)
    local before = w:disk("n0")
    for i = 1, #keys, 100 do common.scan(w, c, map, keys[i], nil, 100) end
    return common.used(w, before).reads, (#keys + 99) // 100
end

local function configure(c, more)
    local config = { engine = "btree", pool_pages = 64, checkpoint_bytes = 65536 }
    for k, v in pairs(more or {}) do config[k] = v end
    common.configure(c, config)
end

return task {
    seeds = 2,
    part {
        name = "nine of ten", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("delete says whether the key was there", function()
                configure(c)
                common.change_many(w, c, map, puts(w, 1, 100), 25)
                for _ = 1, 60 do common.change(w, c, map, { type = "delete", key = key(w:random(1, 120)) }) end
                for i = 1, 100 do
                    if map.live[key(i)] then c:ask("n0", { type = "delete", key = key(i) })
                    else c:refused("n0", { type = "delete", key = key(i) }, 20) end
                end
            end)
            for _, order in ipairs { "random", "rising", "falling" } do
                w:step("after nine of ten keys were deleted in " .. order .. " order, a full scan is short", function()
                    common.fresh(w, c, { engine = "btree", pool_pages = 64, checkpoint_bytes = 65536 })
                    map = common.map()
                    common.change_many(w, c, map, w:shuffle(puts(w, 1, PAIRS)), 50)
                    common.change_many(w, c, map, nine_of_ten(w, order), 50)
                    w:restart("n0")
                    local reads, scans = scan_all(w, c, map)
                    local data = common.live_bytes(map)
                    w:expect_at_most("pages read", reads, 5 * data / PAGE / 2 + 2 * scans)
                    common.verify_map(w, c, { keys = map.live, live = map.live, open = {} })
                end)
            end
            w:step("vacuum leaves a file of at most 1.5 times the data", function()
                c:ask("n0", { type = "vacuum" })
                w:expect_at_most("bytes of the longest file", longest(w), common.live_bytes(map) * 3 // 2)
                scan_all(w, c, map)
                w:restart("n0")
                scan_all(w, c, map)
            end)
        end,
    },
    part {
        name = "rounds", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("in and out again and again, the file stays as long as after the first time", function()
                configure(c)
                local first
                for round = 1, 8 do
                    local from = w:random(1, 2000)
                    common.change_many(w, c, map, w:shuffle(puts(w, from, from + 499)), 50)
                    common.scan(w, c, map, key(from), nil, 100)
                    local ops = {}
                    for k in pairs(map.live) do ops[#ops + 1] = { "del", k } end
                    ops = w:shuffle(ops)
                    for _ = 1, 10 do table.remove(ops) end
                    common.change_many(w, c, map, ops, 50)
                    common.scan(w, c, map, "", nil, 600)
                    if round == 1 then
                        w:restart("n0")
                        first = longest(w)
                    end
                end
                w:expect_at_most("bytes of the longest file", longest(w), first * 13 // 10)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            local function change_some(map, power, n, keys)
                for _ = 1, n do
                    local body = { type = "delete", key = key(w:random(1, keys)) }
                    if w:random(1, 3) == 1 then
                        body = { type = "write", key = body.key, value = common.text(w, w:random(300, 900)) }
                    end
                    if power.lost or not common.change(w, c, map, body, "20ms") then return end
                end
            end
            w:step("a loss of power at any change of merges loses nothing, revives nothing, and mixes up no pages", function()
                common.sweep(w, 400, function()
                    local map, ops = common.map(), {}
                    common.fresh(w, c, { engine = "btree", pool_pages = 64, checkpoint_bytes = 3000 })
                    for i = 1, 30 do ops[i] = { "put", key(i), common.text(w, 800) } end
                    common.change_many(w, c, map, ops, 30)
                    return map
                end, function(map, power) change_some(map, power, 36, 30) end, function(map)
                    common.verify_map(w, c, map)
                    common.scan(w, c, map, "", nil, 100)
                end, 9)
            end)
            w:step("a tree that shrinks and grows through crashes is whole each time", function()
                local map = common.map()
                common.fresh(w, c, { engine = "btree", pool_pages = 16, checkpoint_bytes = 20000 })
                for round = 1, 12 do
                    local ops = {}
                    for i = 1, 60 do
                        local k = key(w:random(1, 250))
                        ops[i] = round % 2 == 1 and { "put", k, common.text(w, w:random(100, 900)) } or { "del", k }
                    end
                    common.change_many(w, c, map, ops, 20)
                    local power = { lost = false }
                    local trap = w:at_change("n0", w:random(1, 70), function() w:lose_power("n0"); power.lost = true end)
                    if w:random(1, 4) == 1 then c:call("n0", { type = "vacuum" }, "20ms") end
                    change_some(map, power, 30, 250)
                    trap:off()
                    if not power.lost then w:lose_power("n0") end
                    w:start("n0")
                    common.settle(w, c, map)
                    scan_all(w, c, map)
                end
                common.verify_map(w, c, map)
            end)
        end,
    },
}

-- 06-memtable.lua: sorted in memory, safe on disk.
local common = require "common"

-- Keys that are easily mistaken for each other, or put into the wrong order.
local ODD = { "", "a", "a\0", "a\0b", "a\0c", "A", "B", "Z", "aa", "b", "~", "ä", "z", "ﬀ", "😀", "\u{ffff}", "\u{10000}",
    ("long"):rep(255), ("long"):rep(256), "0", "10", "9" }

local function random_key(w)
    if w:random(1, 2) == 1 then return w:pick(ODD) end
    return ("k%02d"):format(w:random(1, 40))
end

local function change(w)
    local key = random_key(w)
    if w:random(1, 4) == 1 then return { type = "delete", key = key } end
    return { type = "write", key = key, value = common.text(w, w:random(0, 60)) }
end

local function batch(w, c, map)
    local ops = {}
    for i = 1, w:random(1, 6) do
        local key = random_key(w)
        map.keys[key] = true
        if w:random(1, 3) == 1 then
            ops[i] = { "del", key }
            map.live[key] = nil
        else
            ops[i] = { "put", key, "v" .. w:random(1, 1000) }
            map.live[key] = ops[i][3]
        end
    end
    c:ask("n0", { type = "write_batch", ops = ops })
end

return task {
    seeds = 3,
    part {
        name = "a sorted map", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("scans are in the order of bytes, and every key is itself", function()
                common.configure(c, { engine = "lsm" })
                for _, key in ipairs(w:shuffle { table.unpack(ODD) }) do
                    common.change(w, c, map, { type = "write", key = key, value = "value of " .. key })
                end
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 100)
            end)
            w:step("from is included, to is not, and more says whether there is more", function()
                for _, limit in ipairs { 1, 2, 5, #ODD - 1, #ODD } do common.scan(w, c, map, "", nil, limit) end
                for _ = 1, 40 do
                    local from, to = w:pick(ODD), w:pick(ODD)
                    common.scan(w, c, map, from, to, w:random(1, 8))
                end
            end)
            w:step("random changes, reads and scans are as in a model, with kills in between", function()
                for i = 1, 700 do
                    local kind = w:random(1, 12)
                    if kind <= 6 then common.change(w, c, map, change(w))
                    elseif kind == 7 then batch(w, c, map)
                    elseif kind <= 10 then
                        local key = random_key(w)
                        map.keys[key] = true
                        common.read_key(w, c, map, key)
                    else common.scan(w, c, map, random_key(w), random_key(w), w:random(1, 30)) end
                    if i % 140 == 0 then
                        if w:random(1, 2) == 1 then w:kill("n0") else w:lose_power("n0") end
                        w:start("n0")
                    end
                end
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 1000)
            end)
            w:step("reads and scans cost no file reads", function()
                local before = w:disk("n0")
                common.verify_map(w, c, map)
                common.scan(w, c, map, "", nil, 1000)
                w:expect("reads", common.used(w, before).reads, 0)
            end)
        end,
    },
    part {
        name = "batches", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a batch happens whole or not at all", function()
                for round = 1, 20 do
                    common.fresh(w, c, { engine = "lsm" })
                    local last, lost = 0, false
                    local trap = w:at_change("n0", w:random(1, 12), function() w:lose_power("n0"); lost = true end)
                    for n = 1, 8 do
                        local ops = {}
                        for i = 1, 8 do ops[i] = { "put", "k" .. i, n .. ":" .. ("x"):rep(300) } end
                        local reply = c:call("n0", { type = "write_batch", ops = ops }, "50ms")
                        if lost or reply == nil then break end
                        last = n
                    end
                    trap:off()
                    if not lost then w:lose_power("n0") end
                    w:start("n0")
                    local pairs_ = c:ask("n0", { type = "scan", from = "", to = "l", limit = 100 }).pairs
                    local n = #pairs_ == 0 and 0 or tonumber(pairs_[1][2]:match("^%d+"))
                    w:expect_between("the batch that is there in round " .. round, n, last, last + 1)
                    for _, pair in ipairs(pairs_) do
                        w:expect("the batch that wrote " .. pair[1], tonumber(pair[2]:match("^%d+")), n)
                    end
                    w:expect("how many keys there are", #pairs_, n == 0 and 0 or 8)
                end
            end)
        end,
    },
}

-- 11-btree-pages.lua: four kilobytes at a time.
local common = require "common"

local PAIRS, VALUE, PAGE = 12000, 100, 4096

-- 16 bytes; odd numbers are keys, even ones are not.
local function key(i) return ("key-%012d"):format(2 * i - 1) end
local function absent(i) return ("key-%012d"):format(2 * i) end

local function load(w, c, map, pairs_, batch)
    for from = 1, #pairs_, batch do
        c:ask("n0", { type = "load", pairs = table.move(pairs_, from, math.min(from + batch - 1, #pairs_), 1, {}) })
    end
    for _, pair in ipairs(pairs_) do map.keys[pair[1]], map.live[pair[1]] = true, pair[2] end
    c:ask("n0", { type = "load_end" })
end

local function many(w)
    local pairs_, unit = {}, common.text(w, VALUE - 12)
    for i = 1, PAIRS do pairs_[i] = { key(i), ("%012d"):format(i) .. unit } end
    return pairs_
end

-- The file of pages: the longest one.
local function pages(w)
    local best
    for _, f in ipairs(w:files("n0")) do
        if best == nil or f.bytes > best.bytes then best = f end
    end
    return best
end

local function whole_pages(w, used, least, most, what)
    w:expect_between("reads for " .. what, used.reads, least, most)
    w:expect("bytes read for " .. what, used.bytes_read, used.reads * PAGE)
end

-- Reads keys; gives how many were answered with 1001. All others must be right.
local function damaged(w, c, map, keys)
    local count = 0
    for _, k in ipairs(keys) do
        local call = c:begin("n0", { type = "read", key = k })
        local reply = call:wait("1s") or {}
        if reply.code == 1001 then count = count + 1
        else
            w:expect("the value of " .. k, reply.value, map.live[k], call)
            if map.live[k] == nil then w:expect("the code", reply.code, 20, call) end
        end
    end
    return count
end

return task {
    seeds = 2,
    part {
        name = "three levels", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            local list
            w:step("what was loaded is there, at once and after a restart", function()
                common.configure(c, { engine = "btree", pool_pages = 0 })
                list = many(w)
                load(w, c, map, list, 300)
                for _ = 1, 50 do common.read_key(w, c, map, key(w:random(1, PAIRS))) end
                c:refused("n0", { type = "load", pairs = { { "zzz", "1" } } }, 22)
                w:restart("n0")
                for _ = 1, 50 do common.read_key(w, c, map, key(w:random(1, PAIRS))) end
            end)
            w:step("a read takes two or three whole pages, whether the key is there or not", function()
                for _ = 1, 100 do
                    local k = w:random(1, 2) == 1 and key(w:random(1, PAIRS)) or absent(w:random(1, PAIRS))
                    whole_pages(w, common.cost_of_reads(w, c, map, { k }), 2, 3, "a read")
                end
            end)
            w:step("a scan of r pairs takes at most 5 + r/20 pages", function()
                for _ = 1, 40 do
                    local from, limit = w:random(1, PAIRS), w:random(1, 150)
                    local before = w:disk("n0")
                    local reply = c:ask("n0", { type = "scan", from = key(from), limit = limit })
                    w:expect("how many pairs come", #reply.pairs, math.min(limit, PAIRS - from + 1))
                    for i, pair in ipairs(reply.pairs) do
                        w:expect("pair " .. i, pair, list[from + i - 1])
                    end
                    whole_pages(w, common.used(w, before), 2, 5 + limit // 20, ("a scan of %d pairs"):format(limit))
                end
            end)
            w:step("the file is at most 1.3 times as long as the data", function()
                w:expect_at_most("bytes kept", w:disk("n0").kept_bytes, PAIRS * (16 + VALUE) * 13 // 10)
                w:expect("bytes of the longest file beyond whole pages", pages(w).bytes % PAGE, 0)
            end)
        end,
    },
    part {
        name = "keys of all kinds", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("long keys and short ones, and values of all lengths", function()
                common.configure(c, { engine = "btree", pool_pages = 0 })
                local seen, keys, list = {}, { "" }, {}
                for _ = 1, 500 do
                    local len = w:random(1, 10) == 1 and w:random(300, 490) or w:random(1, 40)
                    local k = w:pick { "", "a", "b\0", "ü" } .. common.text(w, len)
                    if not seen[k] then keys[#keys + 1], seen[k] = k, true end
                end
                table.sort(keys)
                for i, k in ipairs(keys) do list[i] = { k, common.text(w, w:random(0, 1000)) } end
                load(w, c, map, list, 50)
                common.verify_map(w, c, map)
                for _ = 1, 30 do
                    common.read_key(w, c, map, w:pick(keys) .. "\0")
                    common.scan(w, c, map, w:pick(keys), w:pick(keys), w:random(1, 30))
                end
            end)
            w:step("pairs out of order are refused", function()
                common.fresh(w, c, { engine = "btree", pool_pages = 0 })
                c:refused("n0", { type = "load", pairs = { { "b", "1" }, { "a", "2" } } }, 12)
                c:refused("n0", { type = "read", key = "b" }, 20)
            end)
            w:step("a crash before the end of a load leaves nothing of it, one after it everything", function()
                common.sweep(w, 40, function()
                    common.fresh(w, c, { engine = "btree", pool_pages = 0 })
                    return { map = common.map() }
                end, function(state, power)
                    local list = {}
                    for i = 1, 60 do list[i] = { key(i), ("x"):rep(500) } end
                    for from = 1, 60, 20 do
                        if not power.lost then
                            c:call("n0", { type = "load", pairs = table.move(list, from, from + 19, 1, {}) }, "20ms")
                        end
                    end
                    local reply = not power.lost and c:call("n0", { type = "load_end" }, "20ms")
                    state.acked, state.list = reply and reply.type == "load_end_ok", list
                end, function(state)
                    local found = c:ask("n0", { type = "scan", from = "", limit = 100 }).pairs
                    w:expect("pairs that are there, all or none", #found == 60 or (#found == 0 and not state.acked), true)
                    if #found > 0 then w:expect("the pairs", found, state.list) end
                end)
            end)
        end,
    },
    part {
        name = "rot", nodes = 1, disk = true,
        run = function(w)
            local c, map = w:client(), common.map()
            w:step("rot gives 1001 for what lies below that page, and nothing else", function()
                common.configure(c, { engine = "btree", pool_pages = 0 })
                load(w, c, map, many(w), 300)
                local sample = {}
                for i = 1, PAIRS, 30 do sample[#sample + 1] = key(i) end
                for _ = 1, 3 do
                    w:kill("n0")
                    local f = pages(w)
                    local bit = { offset = w:random(2 * PAGE, f.bytes // 2), len = 1, mask = 1 << w:random(0, 7) }
                    w:rot("n0", f.path, bit)
                    w:start("n0")
                    -- One leaf has some 33 pairs; an inner page of the middle has a hundred leaves or more.
                    local count = damaged(w, c, map, sample)
                    w:expect_at_least("damaged pairs, of every thirtieth", count, 1)
                    if count > 3 then w:expect_at_least("pairs below a damaged inner page, one in thirty", count, 90) end
                    w:kill("n0")
                    w:rot("n0", f.path, bit)
                    w:start("n0")
                end
                w:expect("damaged pairs when all is well again", damaged(w, c, map, sample), 0)
            end)
            w:step("rot anywhere gives no wrong answer", function()
                w:kill("n0")
                local f = pages(w)
                for page = 0, f.bytes // PAGE - 1, 9 do
                    w:rot("n0", f.path, { offset = page * PAGE + w:random(0, PAGE - 1), len = 1, mask = 1 << w:random(0, 7) })
                end
                w:start("n0")
                local list = {}
                for _ = 1, 200 do list[#list + 1] = key(w:random(1, PAIRS)) end
                for _ = 1, 50 do list[#list + 1] = absent(w:random(1, PAIRS)) end
                w:expect_at_least("keys that are damaged", damaged(w, c, map, list), 1)
            end)
        end,
    },
}

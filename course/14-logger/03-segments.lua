-- 03-segments.lua: find record nine million.
local common = require "common"

local SEGMENT, RECORDS, LONGEST = 131072, 3000, 2000

local function some_reads(w, c, book, n)
    for _ = 1, n do common.read_one(w, c, book, w:random(1, RECORDS)) end
end

-- What may befall an index file of a stopped node; other: the bytes of another one.
local function spoil(w, f, other)
    local kind = w:random(1, 5)
    local bytes = w:read_file("n0", f.path)
    if kind == 1 or f.bytes == 0 then w:put_file("n0", f.path, nil)
    elseif kind == 2 then w:put_file("n0", f.path, bytes:sub(1, w:random(0, #bytes - 1)))
    elseif kind == 3 then w:put_file("n0", f.path, other)
    else w:rot("n0", f.path, { offset = w:random(0, f.bytes - 1), len = 1, mask = 1 << w:random(0, 7) }) end
end

return task {
    seeds = 2,
    part {
        name = "a long log", nodes = 1, disk = true,
        run = function(w)
            local c, book = w:client(), common.book()
            w:step("a log of 24 segments is written and read", function()
                common.configure(c, { engine = "wal", segment_bytes = SEGMENT, index_every = 4096 })
                local texts = {}
                for i = 1, RECORDS do texts[i] = common.text(w, w:random(10, LONGEST)) end
                common.append_many(w, c, book, texts)
                common.verify(w, c, book)
            end)
            w:step("no file is longer than a segment and one record", function()
                for _, f in ipairs(w:files("n0")) do
                    w:expect_at_most("bytes of " .. f.path, f.bytes, SEGMENT + LONGEST + 32)
                end
                w:expect_at_least("files that end in .log", #common.files(w, ".log"), 20)
                w:expect_at_most("bytes of all files that end in .idx",
                    common.bytes_of(common.files(w, ".idx")), common.bytes_of(common.files(w, ".log")) // 100)
            end)
            w:step("a read of one record costs at most 3 reads and 16 KiB", function()
                for _ = 1, 200 do
                    local before = w:disk("n0")
                    common.read_one(w, c, book, w:random(1, RECORDS))
                    local used = common.used(w, before)
                    w:expect_at_most("reads", used.reads, 3)
                    w:expect_at_most("bytes read", used.bytes_read, 16384)
                end
            end)
            w:step("a restart reads the last segment and the indexes", function()
                w:kill("n0")
                local before = w:disk("n0")
                w:start("n0")
                w:expect_at_most("bytes read at the start", common.used(w, before).bytes_read,
                    SEGMENT + LONGEST + common.bytes_of(common.files(w, ".idx")) + 4096)
                some_reads(w, c, book, 20)
            end)
            w:step("index files that are gone, cut, mistaken or rotten change no answer", function()
                for _ = 1, 4 do
                    w:kill("n0")
                    local files = common.files(w, ".idx")
                    local first = w:read_file("n0", files[1].path) -- before it may be gone
                    for i, f in ipairs(files) do
                        spoil(w, f, i < #files and w:read_file("n0", files[i + 1].path) or first)
                    end
                    w:start("n0")
                    some_reads(w, c, book, 60)
                end
                common.verify(w, c, book)
            end)
            w:step("and are made again", function()
                w:kill("n0")
                local before = w:disk("n0")
                w:start("n0")
                w:expect_at_most("bytes read at the start", common.used(w, before).bytes_read,
                    SEGMENT + LONGEST + common.bytes_of(common.files(w, ".idx")) + 4096)
            end)
            w:step("rot in an old segment is found when it is read", function()
                w:kill("n0")
                local files = common.files(w, ".log")
                local f = files[w:random(2, #files - 2)]
                w:rot("n0", f.path, { offset = w:random(f.bytes // 4, f.bytes // 2), len = 1, mask = 16 })
                w:start("n0")
                local count, reply = common.read_all(w, c, book, 1)
                w:expect("the answer behind record " .. count, reply.code, 1001)
                w:expect("at", reply.at, count + 1)
                w:expect("corrupt_at", c:ask("n0", { type = "log_info" }).corrupt_at, count + 1)
                common.read_one(w, c, book, count)
            end)
        end,
    },
    part {
        name = "crashes", nodes = 1, disk = true,
        run = function(w)
            local c = w:client()
            w:step("a crash while a new segment is begun loses nothing", function()
                for nth = 1, 24 do
                    common.fresh(w, c, { engine = "wal", segment_bytes = 4096, index_every = 512 })
                    local book = common.book()
                    book.checks_damage = true
                    local texts = {}
                    for i = 1, 4 do texts[i] = common.text(w, 900) end
                    common.append_many(w, c, book, texts)
                    common.append_until_power_fails(w, c, book, 8, nth, 900)
                    common.verify(w, c, book)
                    common.append_until_power_fails(w, c, book, 8, w:random(1, 30), 900)
                    common.verify(w, c, book)
                end
            end)
        end,
    },
}

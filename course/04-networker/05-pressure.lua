-- Task 5: the reader who does not read. What he has coming is not kept without limit, nothing of it is
-- lost, and nobody else notices.

local common = require "common"

local BUFFER, KERNEL = 65536, 12 << 20

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at, others
        local noise = common.noise(w, 1 << 20)

        -- Sends so many megabytes and reads nothing.
        local function silent(megabytes)
            local s = common.connect(w, at)
            s:hold()
            for _ = 1, megabytes do s:send(noise) end
            return s
        end

        -- All of the others echo within 5 ms.
        local function others_work(word)
            for i, s in ipairs(others) do s:send(word .. i) end
            w:sleep("5ms")
            for i, s in ipairs(others) do
                common.receive(w, s, "the echo of number " .. i .. " of the others, within 5 ms", word .. i, 0)
            end
        end

        local function takes_all(s, megabytes)
            s:go_on()
            s:finish()
            local all, how = s:receive_all("10s")
            common.expect_bytes(w, "the bytes that came back at last", all, noise:rep(megabytes))
            w:expect("the end of the stream", how, "end")
        end

        w:step("50 clients work", function()
            at = common.listen(w, { proto = "echo", buffer = BUFFER })
            others = common.crowd(w, at, 50)
            others_work("hello ")
        end)

        w:step("no more is taken from a client that reads nothing than fits into the buffers", function()
            local s = silent(40)
            w:sleep("10s")
            w:expect_at_most("bytes that the server took", s.sent - s:unsent(), BUFFER + KERNEL)
            others_work("still here ")
            takes_all(s, 40)
        end)

        w:step("five such clients at once hold up nobody", function()
            local all = {}
            for i = 1, 5 do
                all[i] = silent(16)
                others_work("client " .. i .. ", other ")
            end
            w:sleep("1s")
            others_work("later ")
            for _, s in ipairs(all) do
                w:expect_at_most("bytes that the server took", s.sent - s:unsent(), BUFFER + KERNEL)
            end
            w:expect_at_most("megabytes of memory that the server has used", w:usage("n0").memory_bytes / 1e6, 64)
            for i = 1, 4 do all[i]:reset() end
            w:sleep("5ms")
            others_work("they have gone ")
            takes_all(all[5], 16)
        end)

        w:step("a reader who takes a little at a time gets everything", function()
            local s = silent(14)
            s:finish()
            for _ = 1, 10 do
                s:go_on()
                w:sleep("1ms")
                s:hold()
                w:sleep("10ms")
                others_work("meanwhile ")
            end
            s:go_on()
            local all, how = s:receive_all("10s")
            common.expect_bytes(w, "the bytes that came back", all, noise:rep(14))
            w:expect("the end of the stream", how, "end")
        end)
    end,
}

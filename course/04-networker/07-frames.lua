-- Task 7: where does a message end? Four bytes say it, and may lie.

local common = require "common"

local MAX, FLOOD, KERNEL = 1 << 20, 40 << 20, 12 << 20

return task {
    nodes = 1,
    seeds = 2,
    network = { latency = "1ms" },
    run = function(w)
        local at
        local too_long = common.frame("ERR too long")

        local function both(payloads)
            local sent, wanted = {}, {}
            for i, p in ipairs(payloads) do
                sent[i], wanted[i] = common.frame(p), common.frame(p:reverse())
            end
            return table.concat(sent), table.concat(wanted)
        end

        w:step("a payload comes back reversed, at once", function()
            at = common.listen(w, { proto = "frame" })
            local s = common.connect(w, at)
            local begun = w:now()
            s:send(common.frame("stressed"))
            common.receive(w, s, "the answer", common.frame("desserts"))
            w:expect_near("seconds until it is there", w:now() - begun, 0.002, 0.001)
            s:send(common.frame("\0\1\0\0\r\n\255"))
            common.receive(w, s, "the answer to bytes of all kinds", common.frame("\255\n\r\0\0\1\0"))
            s:close()
        end)

        w:step("split at every byte", function()
            local sent, wanted = both { "first", "", "\0\0\0\2second" }
            for place = 1, #sent - 1 do common.exchange(w, at, "the answers", sent, wanted, { place }) end
            common.exchange(w, at, "the answers to single bytes", sent, wanted, 1)
        end)

        w:step("1,000 frames in one segment", function()
            local payloads = {}
            for i = 1, 1000 do payloads[i] = common.noise(w, w:random(0, 40)) .. i end
            local sent, wanted = both(payloads)
            common.exchange(w, at, "the answers", sent, wanted)
        end)

        w:step("an answer does not wait for the next frame", function()
            local s = common.connect(w, at)
            s:send(common.frame("abc") .. common.frame("defg"):sub(1, 6))
            common.receive(w, s, "the answer to the first", common.frame("cba"), "10ms")
            w:sleep("100ms")
            w:expect("what is said to half a frame", s:peek(), "")
            s:send("fg")
            common.receive(w, s, "the answer to the second", common.frame("gfed"), "10ms")
            s:close()
        end)

        w:step("empty frames, and one of exactly 1 MiB", function()
            local sent, wanted = both { "", common.noise(w, MAX), "", "x" }
            common.exchange(w, at, "the answers", sent, wanted)
        end)

        w:step("a longer one is refused when its length is known", function()
            for _, length in ipairs { "\0\16\0\1", "\255\255\255\255", "\128\0\0\0", "\127\255\255\255", "\64\0\0\0" } do
                local s = common.connect(w, at)
                s:send(common.frame("abc") .. length)
                common.receive(w, s, "the answer to the frame before", common.frame("cba"), "10ms")
                common.receive(w, s, "the answer to the length " .. common.shown(length), too_long, "10ms")
                common.ends(w, s, "the connection after " .. common.shown(length), "10ms")
                s:close()
            end
        end)

        w:step("what follows a hostile length is not read", function()
            local s, noise = common.connect(w, at), common.noise(w, 1 << 20)
            s:send("\255\255\255\255" .. noise)
            common.receive(w, s, "the answer", too_long, "10ms")
            for _ = 1, FLOOD >> 20 do
                if s.broken then break end
                s:send(noise)
                w:sleep("10ms")
            end
            w:sleep("2s")
            if not s.broken then
                w:expect_at_most("bytes that were taken after it", s.sent - s:unsent(), (64 << 10) + KERNEL)
            end
            w:expect_at_most("megabytes of memory that the server has used", w:usage("n0").memory_bytes / 1e6, 64)
        end)

        w:step("the end of the stream inside a frame leaves what was answered", function()
            local sent, wanted = both { "one", "two" }
            for _, part in ipairs { "\0", "\0\0\0", "\0\0\0\4", "\0\0\0\4abc" } do
                common.exchange(w, at, "the answers", sent .. part, wanted)
            end
        end)
    end,
}

-- Task 14: much at the same time. In virtual time computing costs nothing, so every delay is one the node
-- waits.

local common = require "common"

local RATE, CLIENTS, SECONDS, BURST = 10000, 50, 1, 20000

return task {
    nodes = 1,
    peers = 24,
    latency = "50ms",
    run = function(w)
        local clients = {}
        for i = 1, CLIENTS do clients[i] = w:client() end
        for _, name in ipairs(w.peers) do
            w:play(name, function(m) return { type = "echo_ok", echo = m.body.echo } end)
        end

        local function echo(client, value) return client:begin("n0", { type = "echo", echo = value }) end

        local function percentile(times, part) return times[math.ceil(#times * part)] end

        -- Sorted milliseconds from request to reply; every call must have exactly one.
        local function times_of(calls)
            local times = {}
            for i, call in ipairs(calls) do
                w:expect("replies to " .. call.member.name .. "'s request " .. call.msg_id, #call.replies,
                    1, call)
                w:expect("the echo", call.reply.echo, call.body.echo, call)
                times[i] = common.ms(call.sent_at, call.answered_at)
            end
            table.sort(times)
            return times
        end

        w:step("10,000 echoes a second: half within 1 ms, 99 of 100 within 5 ms", function()
            local calls = {}
            w:all(clients, function(client)
                w:sleep(w:random(0, 4999) / 1000000)
                for i = 1, RATE * SECONDS // CLIENTS do
                    calls[#calls + 1] = echo(client, i)
                    w:sleep(CLIENTS / RATE)
                end
            end)
            w:sleep("1s")
            local times = times_of(calls)
            w:tell("%d echoes: p50 %.3f ms, p99 %.3f ms, slowest %.3f ms", #times, percentile(times, 0.5),
                percentile(times, 0.99), times[#times])
            w:expect_at_most("milliseconds for half of the echoes", percentile(times, 0.5), 1, "n0")
            w:expect_at_most("milliseconds for 99 of 100 echoes", percentile(times, 0.99), 5, "n0")
        end)

        w:step("1,000 calls at the same time, each within 105 ms, echoes at once", function()
            local calls, echoes = {}, {}
            for i = 1, 1000 do
                calls[i] = clients[i % CLIENTS + 1]:begin("n0",
                    { type = "proxy", target = w.peers[i % 24 + 1],
                    timeout_ms = 1000, inner = { type = "echo", echo = i } })
            end
            for i = 1, 20 do
                echoes[i] = echo(clients[i], i)
                w:sleep("10ms")
            end
            w:sleep("1s")
            w:expect_at_most("milliseconds for each echo meanwhile", percentile(times_of(echoes), 1), 5,
                "n0")
            for i, call in ipairs(calls) do
                w:expect("replies to call " .. i, #call.replies, 1, call)
                common.is_ok(w, call, call.reply)
                w:expect("the answer that is passed on", call.reply.reply.echo, i, call)
                w:expect_at_most("milliseconds for call " .. i, common.ms(call.sent_at, call.answered_at),
                    105, call)
            end
        end)

        w:step("40 batches of 24 calls at the same time, each within 105 ms", function()
            local batch, calls = array {}, {}
            for i, name in ipairs(w.peers) do
                batch[i] = { target = name, inner = { type = "echo", echo = i } }
            end
            for i = 1, 40 do
                calls[i] = clients[i]:begin("n0", { type = "batch", calls = batch, timeout_ms = 1000 })
            end
            w:sleep("1500ms")
            for i, call in ipairs(calls) do
                w:expect("replies to batch " .. i, #call.replies, 1, call)
                common.is_ok(w, call, call.reply)
                for k = 1, 24 do
                    w:expect("result " .. k .. " of batch " .. i, (call.reply.results[k].reply or {}).echo,
                        k, call)
                end
                w:expect_at_most("milliseconds for batch " .. i, common.ms(call.sent_at, call.answered_at),
                    105, call)
            end
        end)

        w:step("20,000 echoes in one instant, all answered within a second", function()
            local calls = {}
            for i = 1, BURST do calls[i] = echo(clients[i % CLIENTS + 1], i) end
            w:sleep("2s")
            local times = times_of(calls)
            w:expect_at_most("milliseconds until the last is answered", times[#times], 1000, "n0")
        end)

        w:step("processor time and memory stay within reason", function()
            local usage = w:usage("n0")
            w:expect_at_most("seconds of processor time", usage.cpu_s, 30, "n0")
            w:expect_at_most("MiB of memory", usage.memory_bytes / 1048576, 1024, "n0")
        end)
    end,
}

# Waits in the ways that Ruby programs wait, and says how long each took.
require 'timeout'
require 'securerandom'
$stdout.sync = true

def took(name)
  start = Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond)
  begin
    yield
  rescue Timeout::Error
    name += ' (timeout)'
  end
  puts "#{name} #{(Process.clock_gettime(Process::CLOCK_MONOTONIC, :nanosecond) - start) / 1_000_000} ms"
end

took('sleep') { sleep 0.025 }
took('select') { IO.select(nil, nil, nil, 0.035) }
took('Timeout') { Timeout.timeout(0.045) { sleep 9 } }
took('join') { Thread.new { sleep 0.055 }.join }
queue = Queue.new
Thread.new { sleep 0.065; queue << 1 }
took('queue.pop') { queue.pop }
mutex, condition = Mutex.new, ConditionVariable.new
took('condition.wait') { mutex.synchronize { condition.wait(mutex, 0.075) } }
took('system') { system('sleep 0.2') }
reader, writer = IO.pipe
Thread.new { sleep 0.085; writer.puts 'x' }
took('pipe') { reader.gets }
puts "~ #{rand} #{SecureRandom.hex(4)} #{Time.now.to_r} #{'x'.hash} #{Process.pid < 100 || $$}"

// Waits in the ways that C++ programs wait, and says how long each took.
#include <chrono>
#include <condition_variable>
#include <future>
#include <iostream>
#include <mutex>
#include <thread>

using namespace std::chrono_literals;

template <class Wait> void took(const char *name, Wait wait)
{
    auto start = std::chrono::steady_clock::now();
    wait();
    auto ms = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - start);
    std::cout << name << " " << ms.count() << " ms" << std::endl;
}

int main()
{
    std::mutex mutex;
    std::timed_mutex timed;
    std::condition_variable condition;
    bool flag = false;

    took("sleep_for", [] { std::this_thread::sleep_for(25ms); });
    took("sleep_until", [] { std::this_thread::sleep_until(std::chrono::system_clock::now() + 35ms); });
    took("wait_for", [&] {
        std::unique_lock<std::mutex> lock(mutex);
        condition.wait_for(lock, 45ms);
    });
    took("notified", [&] {
        std::thread other([&] {
            std::this_thread::sleep_for(55ms);
            std::lock_guard<std::mutex> lock(mutex);
            flag = true;
            condition.notify_all();
        });
        std::unique_lock<std::mutex> lock(mutex);
        condition.wait(lock, [&] { return flag; });
        lock.unlock();
        other.join();
    });
    took("future", [] { std::async(std::launch::async, [] { std::this_thread::sleep_for(65ms); }).wait(); });
    took("future.wait_for", [] {
        auto slow = std::async(std::launch::async, [] { std::this_thread::sleep_for(95ms); });
        slow.wait_for(75ms);
    });
    took("try_lock_for", [&] {
        timed.lock();
        std::async(std::launch::async, [&] { return timed.try_lock_for(85ms); }).wait();
    });
    std::cout << "~ " << std::chrono::system_clock::now().time_since_epoch().count() << std::endl;
}

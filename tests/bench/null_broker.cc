// A measurement stub, not a product: the least that a Kafka broker can do on this
// machine, on one Boost.Asio thread with C++20 coroutines. It bounds from above what a real broker
// can reach here with the same client.
//   bench_null_broker PORT none|mem|file|sync DIR [PARTITIONS]     none: read the request, give
//   offsets, answer; nothing is kept
//     mem: check each batch's CRC-32C, keep it in memory; file: CRC, pwrite to one file, fetch by
//     sendfile; sync: as file, and acks wait for an fdatasync shared by all that is waiting (it
//     runs on a second thread)
// Speaks ApiVersions 0-3, Metadata 0-1, Produce 3, Fetch 4, ListOffsets 1; all partitions of all
// topics share one log. Keeps at most 1 GiB (mem) or 8 GiB (file), then starts over.
// 127.0.0.1 only; ends on SIGTERM or after 300 s.
#include <fcntl.h>
#include <isa-l/crc.h>
#include <sys/sendfile.h>
#include <unistd.h>

#include <boost/asio.hpp>
#include <deque>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string>
#include <vector>

namespace as = boost::asio;
using as::ip::tcp;
[[noreturn]] static void die(const char* what) {
  std::perror(what);
  std::exit(1);
}
static auto E(boost::system::error_code& ec) { return as::redirect_error(as::use_awaitable, ec); }
struct Rd {
  const char* p;
  const char* e;
  bool bad = false;
  uint64_t i(int n) {
    if (e - p < n) {
      bad = true;
      return 0;
    }
    uint64_t v = 0;
    while (n--) v = v << 8 | static_cast<unsigned char>(*p++);
    return v;
  }
  std::string s() {
    auto n = static_cast<int16_t>(i(2));
    if (n < 0) return {};
    if (e - p < n) {
      bad = true;
      return {};
    }
    std::string r(p, static_cast<size_t>(n));
    p += n;
    return r;
  }
};
static void put(std::string& b, uint64_t v, int n) {
  while (n--) b.push_back(static_cast<char>(v >> (8 * n)));
}
static void puts_(std::string& b, const std::string& s) {
  put(b, s.size(), 2);
  b += s;
}
static uint64_t be(const char* p, int n) {
  uint64_t v = 0;
  while (n--) v = v << 8 | static_cast<unsigned char>(*p++);
  return v;
}
struct Batch {
  uint64_t base, pos;
  uint32_t len, cnt;
};
struct Log {
  std::string mode;
  int fd = -1;
  std::vector<char> mem;
  std::deque<Batch> idx;
  uint64_t next = 0, start = 0, end = 0, cap = 0, appended = 0, flushed = 0;
  uint64_t partitions = 1;
  as::io_context& io;
  as::steady_timer grew, synced, dirty;
  as::thread_pool pool{1};
  Log(as::io_context& c, std::string m, const std::string& dir)
      : mode(std::move(m)), io(c), grew(c), synced(c), dirty(c) {
    for (auto* t : {&grew, &synced, &dirty}) t->expires_at(as::steady_timer::time_point::max());
    if (mode == "mem") {
      cap = 1ull << 30;
      mem.resize(cap);
    }
    if (mode == "file" || mode == "sync") {
      cap = 8ull << 30;
      fd = open((dir + "/0.log").c_str(), O_CREAT | O_RDWR | O_TRUNC, 0644);
      if (fd < 0) die("open");
    }
  }
  bool append(char* p, size_t n, uint64_t& base) {
    base = next;
    while (n >= 61) {
      uint64_t len = be(p + 8, 4) + 12;
      if (len > n) return false;
      uint32_t cnt = static_cast<uint32_t>(be(p + 23, 4)) + 1;
      if (mode != "none") {
        if (~crc32_iscsi(reinterpret_cast<unsigned char*>(p) + 21, static_cast<int>(len - 21),
                         ~0u) != static_cast<uint32_t>(be(p + 17, 4)))
          return false;
        for (int i = 0; i < 8; i++) p[i] = static_cast<char>(next >> (8 * (7 - i)));
        if (end + len > cap) {
          idx.clear();
          start = next;
          end = 0;
          if (fd >= 0 && ftruncate(fd, 0)) die("ftruncate");
        }
        if (fd >= 0) {
          for (size_t o = 0; o < len;) {
            ssize_t k = pwrite(fd, p + o, len - o, static_cast<off_t>(end + o));
            if (k < 0) die("pwrite");
            o += static_cast<size_t>(k);
          }
        } else
          std::memcpy(&mem[end], p, len);
        idx.push_back({next, end, static_cast<uint32_t>(len), cnt});
        end += len;
      }
      next += cnt;
      p += len;
      n -= len;
    }
    appended++;
    if (mode == "sync")
      dirty.cancel();
    else
      flushed = appended;
    grew.cancel();
    return n == 0;
  }
  as::awaitable<void> flusher() {
    boost::system::error_code ec;
    for (;;) {
      if (flushed == appended) {
        co_await dirty.async_wait(E(ec));
        continue;
      }
      uint64_t a = appended;
      int f = fd;
      auto sync = [](int file) -> as::awaitable<void> {
        if (fdatasync(file)) die("fdatasync");
        co_return;
      };
      auto synced_once = sync(f);
      co_await as::co_spawn(pool, std::move(synced_once), as::use_awaitable);
      flushed = a;
      synced.cancel();
    }
  }
};
struct Item {
  uint64_t need = 0;
  std::string resp;
  bool fetch = false;
  uint32_t corr = 0;
  int32_t wait_ms = 0;
  std::string topic;
  uint64_t off = 0, max = 0;
};
struct Conn : std::enable_shared_from_this<Conn> {
  tcp::socket s;
  Log& log;
  int port;
  std::deque<Item> q;
  as::steady_timer work;
  bool closed = false;
  Conn(tcp::socket x, Log& l, int p) : s(std::move(x)), log(l), port(p), work(s.get_executor()) {
    work.expires_at(as::steady_timer::time_point::max());
    s.set_option(tcp::no_delay(true));
    s.non_blocking(true);
  }
  void handle(char* p, size_t n) {
    Rd r{p, p + n};
    auto key = r.i(2), ver = r.i(2);
    auto corr = static_cast<uint32_t>(r.i(4));
    r.s();
    Item it;
    std::string& b = it.resp;
    put(b, 0, 4);
    put(b, corr, 4);
    bool answer = true;
    if (key == 18) {
      static const int a[5][3] = {{0, 3, 3}, {1, 4, 4}, {2, 1, 1}, {3, 0, 1}, {18, 0, 3}};
      put(b, 0, 2);
      if (ver >= 3)
        put(b, 6, 1);
      else
        put(b, 5, 4);
      for (auto& x : a) {
        for (int v : x) put(b, static_cast<uint64_t>(v), 2);
        if (ver >= 3) put(b, 0, 1);
      }
      if (ver >= 1) put(b, 0, 4);
      if (ver >= 3) put(b, 0, 1);
    } else if (key == 3) {
      auto k = static_cast<int32_t>(r.i(4));
      std::vector<std::string> ts;
      for (int i = 0; i < k; i++) ts.push_back(r.s());
      if (k < 0 || (!k && !ver)) ts.push_back("b");
      put(b, 1, 4);
      put(b, 1, 4);
      puts_(b, "127.0.0.1");
      put(b, static_cast<uint64_t>(port), 4);
      if (ver) {
        put(b, 0xffff, 2);
        put(b, 1, 4);
      }
      put(b, ts.size(), 4);
      for (auto& t : ts) {
        put(b, 0, 2);
        puts_(b, t);
        if (ver) put(b, 0, 1);
        put(b, log.partitions, 4);
        for (uint64_t part = 0; part < log.partitions; part++) {
          put(b, 0, 2);
          put(b, part, 4);
          put(b, 1, 4);
          for (int j = 0; j < 2; j++) {
            put(b, 1, 4);
            put(b, 1, 4);
          }
        }
      }
    } else if (key == 0) {
      r.s();
      auto acks = static_cast<int16_t>(r.i(2));
      r.i(4);
      auto nt = r.i(4);
      put(b, nt, 4);
      for (uint64_t t = 0; t < nt && !r.bad; t++) {
        puts_(b, r.s());
        auto np = r.i(4);
        put(b, np, 4);
        for (uint64_t k = 0; k < np && !r.bad; k++) {
          put(b, r.i(4), 4);
          auto len = r.i(4);
          uint64_t base = 0;
          bool ok = static_cast<uint64_t>(r.e - r.p) >= len &&
                    log.append(const_cast<char*>(r.p), len, base);
          r.p += len;
          put(b, ok ? 0 : 2, 2);
          put(b, ok ? base : ~0ull, 8);
          put(b, ~0ull, 8);
        }
      }
      put(b, 0, 4);
      it.need = log.appended;
      answer = acks != 0;
    } else if (key == 2) {
      r.i(4);
      auto nt = r.i(4);
      put(b, nt, 4);
      for (uint64_t t = 0; t < nt && !r.bad; t++) {
        puts_(b, r.s());
        auto np = r.i(4);
        put(b, np, 4);
        for (uint64_t k = 0; k < np && !r.bad; k++) {
          put(b, r.i(4), 4);
          auto ts = static_cast<int64_t>(r.i(8));
          put(b, 0, 2);
          put(b, ~0ull, 8);
          put(b, ts == -2 ? log.start : log.next, 8);
        }
      }
    } else if (key == 1) {
      r.i(4);
      it.wait_ms = static_cast<int32_t>(r.i(4));
      r.i(4);
      r.i(4);
      r.i(1);
      it.fetch = true;
      it.corr = corr;
      auto nt = r.i(4);
      if (nt) {
        it.topic = r.s();
        r.i(4);
        r.i(4);
        it.off = r.i(8);
        it.max = r.i(4);
      } else
        it.topic = "";
    } else {
      std::fprintf(stderr, "api %d?\n", static_cast<int>(key));
      answer = false;
    }
    if (answer) {
      q.push_back(std::move(it));
      work.cancel();
    }
  }
  as::awaitable<void> reader() {
    auto self = shared_from_this();
    boost::system::error_code ec;
    std::vector<char> b(4 << 20);
    size_t lo = 0, hi = 0;
    for (;;) {
      while (hi - lo >= 4) {
        size_t n = be(&b[lo], 4);
        if (n > (64u << 20)) {
          ec = as::error::eof;
          break;
        }
        if (hi - lo < n + 4) {
          if (b.size() - lo < n + 4) {
            std::memmove(&b[0], &b[lo], hi - lo);
            hi -= lo;
            lo = 0;
            if (b.size() < n + 4) b.resize(n + 4);
          }
          break;
        }
        handle(&b[lo + 4], n);
        lo += n + 4;
      }
      if (ec) break;
      if (lo == hi) lo = hi = 0;
      if (hi == b.size()) {
        std::memmove(&b[0], &b[lo], hi - lo);
        hi -= lo;
        lo = 0;
      }
      hi += co_await s.async_read_some(as::buffer(&b[hi], b.size() - hi), E(ec));
      if (ec) break;
    }
    closed = true;
    work.cancel();
    s.close(ec);
  }
  as::awaitable<void> writer() {
    auto self = shared_from_this();
    boost::system::error_code ec;
    std::string o;
    while (!closed) {
      if (q.empty()) {
        co_await work.async_wait(E(ec));
        continue;
      }
      if (!q.front().fetch) {
        while (log.flushed < q.front().need && !closed) co_await log.synced.async_wait(E(ec));
        o.clear();
        while (!q.empty() && !q.front().fetch && q.front().need <= log.flushed) {
          std::string& r = q.front().resp;
          uint32_t n = static_cast<uint32_t>(r.size() - 4);
          for (int i = 0; i < 4; i++)
            r[static_cast<size_t>(i)] = static_cast<char>(n >> (8 * (3 - i)));
          o += r;
          q.pop_front();
        }
        co_await as::async_write(s, as::buffer(o), E(ec));
        if (ec) break;
        continue;
      }
      Item it = std::move(q.front());
      q.pop_front();
      auto until = std::chrono::steady_clock::now() + std::chrono::milliseconds(it.wait_ms);
      while (!closed && !it.topic.empty() && it.off == log.next &&
             std::chrono::steady_clock::now() < until) {
        as::steady_timer t(s.get_executor(), until);
        bool fired = false;
        t.async_wait([&, l = &log](boost::system::error_code e) {
          if (!e) {
            fired = true;
            l->grew.cancel();
          }
        });
        co_await log.grew.async_wait(E(ec));
        t.cancel();
        co_await as::post(as::use_awaitable);
        if (fired) break;
      }
      uint64_t pos = 0, len = 0;
      int err = 0;
      if (it.off < log.start || it.off > log.next)
        err = 1;
      else {
        auto b = std::upper_bound(log.idx.begin(), log.idx.end(), it.off,
                                  [](uint64_t v, const Batch& x) { return v < x.base; });
        if (b != log.idx.begin()) --b;
        if (b != log.idx.end() && it.off < log.next && !log.idx.empty()) {
          pos = b->pos;
          while (b != log.idx.end() && (len == 0 || len + b->len <= it.max)) {
            len += b->len;
            ++b;
          }
        }
      }
      o.clear();
      put(o, 0, 4);
      put(o, it.corr, 4);
      put(o, 0, 4);
      put(o, it.topic.empty() ? 0 : 1, 4);
      if (!it.topic.empty()) {
        puts_(o, it.topic);
        put(o, 1, 4);
        put(o, 0, 4);
        put(o, static_cast<uint64_t>(err), 2);
        put(o, log.next, 8);
        put(o, log.next, 8);
        put(o, 0xffffffff, 4);
        put(o, len, 4);
      }
      uint32_t n = static_cast<uint32_t>(o.size() - 4 + len);
      for (int i = 0; i < 4; i++) o[static_cast<size_t>(i)] = static_cast<char>(n >> (8 * (3 - i)));
      if (log.fd < 0) {
        std::array<as::const_buffer, 2> bs{as::buffer(o), as::buffer(log.mem.data() + pos, len)};
        co_await as::async_write(s, bs, E(ec));
        if (ec) break;
        continue;
      }
      co_await as::async_write(s, as::buffer(o), E(ec));
      auto at = static_cast<off_t>(pos);
      while (!ec && len) {
        ssize_t k = sendfile(s.native_handle(), log.fd, &at, len);
        if (k > 0)
          len -= static_cast<uint64_t>(k);
        else if (k < 0 && errno == EAGAIN)
          co_await s.async_wait(tcp::socket::wait_write, E(ec));
        else {
          ec = as::error::eof;
        }
      }
      if (ec) break;
    }
    closed = true;
    s.close(ec);
  }
};
int main(int argc, char** argv) {
  if (argc < 4) {
    std::fprintf(stderr, "usage: see the header\n");
    return 2;
  }
  int port = std::atoi(argv[1]);
  as::io_context io(1);
  Log log(io, argv[2], argv[3]);
  if (argc > 4) log.partitions = static_cast<uint64_t>(std::atoi(argv[4]));
  tcp::acceptor acc(io, tcp::endpoint(as::ip::address_v4::loopback(), static_cast<uint16_t>(port)));
  if (log.mode == "sync") as::co_spawn(io, log.flusher(), as::detached);
  as::co_spawn(
      io,
      [&]() -> as::awaitable<void> {
        for (;;) {
          auto c = std::make_shared<Conn>(co_await acc.async_accept(as::use_awaitable), log, port);
          as::co_spawn(io, c->reader(), as::detached);
          as::co_spawn(io, c->writer(), as::detached);
        }
      },
      as::detached);
  as::signal_set sg(io, SIGTERM, SIGINT);
  sg.async_wait([&](auto, int) { io.stop(); });
  as::steady_timer life(io, std::chrono::seconds(300));
  life.async_wait([&](auto) { io.stop(); });
  io.run();
  log.pool.join();
  return 0;
}

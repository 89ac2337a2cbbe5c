// Three trialogd under a load with acks=all and idempotence, and everything that may happen to
// them.
//   conformance_chaos chaos TRIALOGD SCRATCH SECONDS SEED [jars=CLASSPATH] [KEY=VALUE ...]
//       SIGKILL, SIGSTOP, clean restarts and cut links at random: no acknowledged record is lost,
//       none is there twice, and order is kept per key.
//   conformance_chaos rolling TRIALOGD SCRATCH SECONDS SEED [jars=CLASSPATH] [KEY=VALUE ...]
//       one clean restart after the other: the same, and no client gets an error.
// KEY=VALUE: settings of the brokers. With jars the Java client sends, too.
#include <signal.h>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <optional>
#include <random>
#include <thread>

#include "tests/conformance/chaos/brokers.h"
#include "tests/conformance/chaos/java_load.h"
#include "tests/conformance/chaos/load.h"
#include "tests/conformance/chaos/tell.h"

namespace trialog::chaos {

namespace {

std::string mode;
using Clock = std::chrono::steady_clock;

void pause_ms(int ms) { std::this_thread::sleep_for(std::chrono::milliseconds(ms)); }

/// The misfortunes, one after the other, each healed before the next.
class Chaos {
 public:
  Chaos(Brokers& brokers, unsigned seed) : brokers_(brokers), random_(seed) {}

  void run(int seconds) {
    const auto end = Clock::now() + std::chrono::seconds(seconds);
    while (Clock::now() < end) {
      happen();
      pause_ms(draw(100, 2500));
    }
    std::printf("# %d times SIGKILL, %d SIGSTOP, %d clean restarts, %d cuts\n", kills_, stops_,
                restarts_, cuts_);
  }

 private:
  int draw(int from, int to) { return std::uniform_int_distribution<int>(from, to)(random_); }

  void happen() {
    const int what = draw(0, 99), victim = draw(1, Brokers::count);
    if (what < 35) {
      restart(victim, SIGKILL);
    } else if (what < 45) {
      restart(victim, SIGTERM);
    } else if (what < 65) {
      freeze(victim);
    } else if (what < 95) {
      cut(victim);
    } else {
      kill_all();
    }
  }

  void restart(int id, int signal) {
    note(signal == SIGKILL ? "SIGKILL" : "SIGTERM", id);
    ++(signal == SIGKILL ? kills_ : restarts_);
    brokers_.end(id, signal);
    pause_ms(draw(0, 5000));
    brokers_.start(id);
    brokers_.wait_ready(id, 60);
  }

  void freeze(int id) {
    note("SIGSTOP", id);
    ++stops_;
    brokers_.signal(id, SIGSTOP);
    pause_ms(draw(200, 8000));
    brokers_.signal(id, SIGCONT);
  }

  /// Both directions of all its links, or one direction, or one link.
  void cut(int id) {
    ++cuts_;
    const auto how = draw(0, 1) == 0 ? Cut::stall : Cut::refuse;
    const int shape = draw(0, 3), other = 1 + id % Brokers::count;
    note(shape == 3 ? "one link cut" : "links cut", id);
    for (int peer = 1; peer <= Brokers::count; ++peer) {
      if (peer == id || (shape == 3 && peer != other)) continue;
      if (shape != 1) brokers_.wires().cut(id, peer, how);
      if (shape != 2) brokers_.wires().cut(peer, id, how);
    }
    pause_ms(draw(200, 10000));
    brokers_.wires().heal();
  }

  void kill_all() {
    note("SIGKILL of all", 0);
    for (int id = 1; id <= Brokers::count; ++id) brokers_.end(id, SIGKILL), ++kills_;
    for (int id = 1; id <= Brokers::count; ++id) brokers_.start(id);
    for (int id = 1; id <= Brokers::count; ++id) brokers_.wait_ready(id, 60);
  }

  void note(const char* what, int id) {
    const auto at = std::chrono::duration<double>(Clock::now() - begin_).count();
    std::fprintf(stderr, "%7.2f %s %d\n", at, what, id);
  }

  Brokers& brokers_;
  std::mt19937 random_;
  Clock::time_point begin_ = Clock::now();
  int kills_ = 0, stops_ = 0, restarts_ = 0, cuts_ = 0;
};

void roll(Brokers& brokers, int seconds) {
  const auto end = Clock::now() + std::chrono::seconds(seconds);
  int restarts = 0;
  for (int id = 1; Clock::now() < end; id = 1 + id % Brokers::count) {
    wait_in_sync(brokers.bootstrap(), "chaos", 60);
    brokers.end(id, SIGTERM);
    brokers.start(id);
    brokers.wait_ready(id, 60);
    ++restarts;
  }
  std::printf("# %d clean restarts, one after the other\n", restarts);
}

struct Arguments {
  std::string program, scratch, jars;
  int seconds;
  unsigned seed;
  std::vector<std::string> settings;
};

void run(const Arguments& arguments) {
  Brokers brokers(arguments.program, arguments.scratch, arguments.settings);
  for (int id = 1; id <= Brokers::count; ++id) brokers.start(id);
  for (int id = 1; id <= Brokers::count; ++id) brokers.wait_ready(id, 60);
  const auto bootstrap = brokers.bootstrap();
  make_topic(bootstrap, "chaos");
  if (!arguments.jars.empty()) make_topic(bootstrap, "chaos-java");
  Load load(bootstrap, "chaos", 2000);
  std::optional<JavaLoad> java;
  if (!arguments.jars.empty()) {
    java.emplace(arguments.jars, bootstrap, "chaos-java", 500, arguments.scratch + "/java");
  }
  if (mode == "rolling") {
    roll(brokers, arguments.seconds);
  } else {
    Chaos(brokers, arguments.seed).run(arguments.seconds);
  }
  wait_in_sync(bootstrap, "chaos", 60);
  load.finish(120);
  if (java) java->finish(120);
  if (load.failed() > 0) fail(std::to_string(load.failed()) + " records failed");
  judge(load.acknowledged(), read_all(bootstrap, "chaos"));
  if (java) {
    if (java->failed() > 0) fail(std::to_string(java->failed()) + " records of Java failed");
    judge(java->acknowledged(), read_all(bootstrap, "chaos-java"));
  }
  std::printf(
      "ok %s: %zu acknowledged records%s are there once, in order; longest silence %.0f ms, "
      "slowest "
      "record %.0f ms\n",
      mode.c_str(), load.acknowledged().size() + (java ? java->acknowledged().size() : 0),
      java ? " of librdkafka and Java" : "", load.longest_silence(), load.slowest());
}

}  // namespace

void fail(const std::string& why) {
  std::printf("FAILED %s: %s\n", mode.c_str(), why.c_str());
  std::fflush(stdout);
  std::_Exit(1);
}

}  // namespace trialog::chaos

int main(int argc, char** argv) {
  using namespace trialog::chaos;
  const std::vector<std::string> words(argv + 1, argv + argc);
  if (words.size() < 5 || (words[0] != "chaos" && words[0] != "rolling")) {
    return std::fprintf(stderr, "usage: see the head of tests/conformance/chaos/main.cc\n"), 2;
  }
  signal(SIGPIPE, SIG_IGN);
  mode = words[0];
  Arguments arguments{
      words[1], words[2], "", std::stoi(words[3]), static_cast<unsigned>(std::stoul(words[4])), {}};
  for (std::size_t i = 5; i < words.size(); ++i) {
    if (words[i].starts_with("jars=")) {
      arguments.jars = words[i].substr(5);
    } else {
      arguments.settings.push_back(words[i]);
    }
  }
  run(arguments);
  return 0;
}

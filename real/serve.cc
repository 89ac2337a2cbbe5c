#include "real/serve.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <optional>

#include "core/node/node.h"
#include "real/io_error.h"
#include "real/machine.h"
#include "real/open_fd.h"
#include "real/resolver.h"
#include "real/supervisor.h"

namespace trialog::real {

namespace {

/// Whoever looks finds no file or all of it.
Status write_at_once(const std::string& path, const std::string& text) {
  const std::string beside = path + ".tmp";
  const int fd = ::open(beside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failure(system_error(errno, "open", beside));
  {
    OpenFd file(fd);
    const auto written = ::write(fd, text.data(), text.size());
    if (written != static_cast<ssize_t>(text.size())) {
      return failure(system_error(written < 0 ? errno : ENOSPC, "write", beside));
    }
  }
  if (::rename(beside.c_str(), path.c_str()) != 0) {
    return failure(system_error(errno, "rename", beside));
  }
  return {};
}

/// The life of the process, as three tasks: the broker's start, work and end; the signals; and the
/// broker's failure.
class Process {
 public:
  Process(Machine& machine, node::Options options, std::string ready_file, ConsoleLog& log)
      : machine_(machine),
        env_(machine.env()),
        began_(env_.clock.now()),
        ready_file_(std::move(ready_file)),
        log_(log),
        node_(env_, std::move(options)),
        over_(env_.executor),
        tasks_(env_.executor),
        watching_(std::in_place, env_.executor) {}

  ExitCode run() {
    tasks_.spawn("broker", live());
    tasks_.spawn("signals", obey());
    machine_.run();
    return code_;
  }

 private:
  enum class Phase { starting, serving, stopping };

  Task<void> live() {
    auto started = co_await node_.start();
    if (!started) co_return fail("cannot start", started.error());
    if (auto told = tell_ready(); !told) co_return fail("cannot start", told.error());
    phase_ = Phase::serving;
    watching_->spawn("failure", watch());
    co_await over_.wait();
    watching_.reset();  // Nobody may wait for the failure of a node that stops.
    phase_ = Phase::stopping;
    if (failed_) co_return fail("gave up", *failed_);
    tell_supervisor("STOPPING=1");
    auto stopped = co_await node_.stop();
    if (!stopped) co_return fail("did not stop cleanly", stopped.error());
    log_.note(Level::info, "broker.stopped", "cleanly");
    machine_.stop();
  }

  Status tell_ready() {
    const auto at = node_.endpoints().front().text();
    const auto took = std::chrono::duration_cast<milliseconds>(env_.clock.now() - began_);
    log_.note(Level::info, "broker.ready",
              fmt::format("node {} serves at {}, {} ms after the start", node_.options().id.value,
                          at, took.count()));
    tell_supervisor("READY=1");
    if (ready_file_.empty()) return {};
    return write_at_once(ready_file_, at + "\n");
  }

  Task<void> watch() {
    failed_ = co_await node_.failure();
    over_.raise();
  }

  /// The first signal asks for a clean end. While the start goes on there is nothing to end
  /// cleanly: what it has changed so far, the next start finds as after a crash.
  Task<void> obey() {
    const int first = co_await machine_.asked_to_stop();
    log_.note(Level::info, "broker.signal", fmt::format("signal {} asks to stop", first));
    if (phase_ == Phase::starting) co_return machine_.stop();
    over_.raise();
    co_await machine_.asked_to_stop();
    fail("did not stop cleanly", IoError(IoError::Kind::timed_out, "asked again before the end"));
  }

  void fail(std::string_view what, const IoError& why) {
    fmt::print(stderr, "trialogd: {}: {}\n", what, why.what());
    code_ = ExitCode::failed;
    machine_.stop();
  }

  Machine& machine_;
  Env env_;
  Instant began_;
  std::string ready_file_;
  ConsoleLog& log_;
  node::Node node_;
  Phase phase_ = Phase::starting;
  ExitCode code_ = ExitCode::clean;
  std::optional<IoError> failed_;
  Signal over_;
  // Destroyed first: the tasks use all of the above.
  TaskGroup tasks_;
  std::optional<TaskGroup> watching_;
};

}  // namespace

ExitCode serve(node::Options options, std::string ready_file, ConsoleLog& log) {
  if (!ready_file.empty()) ::unlink(ready_file.c_str());
  Machine machine(log);
  Process process(machine, std::move(options), std::move(ready_file), log);
  return process.run();
}

void fill_hosts(node::Options& options) {
  const auto unnamed = [](const node::Listener& listener) { return listener.at.host().empty(); };
  auto& told = options.advertised;
  auto& controllers = options.controller_advertised;
  if (std::ranges::none_of(told, unnamed) && std::ranges::none_of(controllers, unnamed)) return;
  char name[256] = "";
  if (::gethostname(name, sizeof(name) - 1) != 0) name[0] = '\0';
  // A name that this machine can't find itself is of no use to its clients either.
  const bool found = name[0] != '\0' && resolve_to_listen(Endpoint(name, 0)).has_value();
  for (auto* group : {&told, &controllers}) {
    for (auto& listener : *group) {
      if (unnamed(listener)) listener.at = Endpoint(found ? name : "localhost", listener.at.port());
    }
  }
}

}  // namespace trialog::real

#include <stdlib.h>

#include <filesystem>
#include <optional>

#include "real/machine.h"
#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

namespace fs = std::filesystem;

class Silence : public Trace {
 public:
  void note(Level, std::string_view, std::string_view) override {}
  bool hears(Level) const override { return false; }
};

/// Both nodes on this machine's one loop, sockets and files.
class RealBackend : public Backend {
 public:
  RealBackend() : machine_(silence_), a_(machine_.env()), b_(machine_.env()) {
    std::string name = (fs::temp_directory_path() / "trialog-env-XXXXXX").string();
    if (::mkdtemp(name.data()) != nullptr) directory_ = name;
  }
  ~RealBackend() override {
    std::error_code ignored;
    if (!directory_.empty()) fs::remove_all(directory_, ignored);
  }

  Env& a() override { return a_; }
  Env& b() override { return b_; }
  std::string host_of_a() const override { return "127.0.0.1"; }
  std::string host_of_b() const override { return "127.0.0.1"; }

  Disk::Path fresh_directory() override {
    const auto path = directory_ / std::to_string(++directories_);
    fs::create_directories(path);
    return path;
  }

  bool run(Task<void> task) override {
    bool ended = false;
    std::optional<TaskGroup> group(std::in_place, a_.executor);
    group->spawn("story", tell(std::move(task), ended));
    group->spawn("limit", give_up());
    machine_.run();
    group.reset();
    return ended;
  }

 private:
  Task<void> tell(Task<void> task, bool& ended) {
    co_await task;
    ended = true;
    machine_.stop();
  }

  Task<void> give_up() {
    co_await a_.clock.sleep(seconds(20));
    machine_.stop();
  }

  Silence silence_;
  real::Machine machine_;
  Env a_;
  Env b_;
  fs::path directory_;
  int directories_ = 0;
};

std::unique_ptr<Backend> make_real() { return std::make_unique<RealBackend>(); }

TRIALOG_RUN_CONFORMANCE(Real, make_real);

}  // namespace
}  // namespace trialog::conformance

#include "sim/datacenter.h"
#include "sim/lone_node.h"
#include "tests/unit/env/conformance.h"

namespace trialog::conformance {
namespace {

class SimBackend : public Backend {
 public:
  explicit SimBackend(std::uint64_t seed) : datacenter_(seed) {
    datacenter_.machine("a").start(sim::idle_program);
    datacenter_.machine("b").start(sim::idle_program);
  }

  Env& a() override { return datacenter_.machine("a").env(); }
  Env& b() override { return datacenter_.machine("b").env(); }
  std::string host_of_a() const override { return "a"; }
  std::string host_of_b() const override { return "b"; }
  Disk::Path fresh_directory() override {
    const Disk::Path path = "/data/" + std::to_string(++directories_);
    EXPECT_TRUE(datacenter_.machine("a").volume().make_directory(path, WallTime()));
    return path;
  }
  bool run(Task<void> task) override {
    return sim::run_to_end(datacenter_.world(), a(), std::move(task), seconds(20));
  }

 private:
  sim::Datacenter datacenter_;
  int directories_ = 0;
};

template <std::uint64_t Seed>
std::unique_ptr<Backend> make_sim_backend() {
  return std::make_unique<SimBackend>(Seed);
}

}  // namespace

TRIALOG_RUN_CONFORMANCE(Simulated1, make_sim_backend<1>);
TRIALOG_RUN_CONFORMANCE(Simulated2, make_sim_backend<2>);
TRIALOG_RUN_CONFORMANCE(Simulated3, make_sim_backend<3>);

}  // namespace trialog::conformance

// The parts of the broker beside what they can't be faster than, in one run: the limit of a
// benchmark is the one of the same size that precedes it, named "limit".
//   bench_micro [google-benchmark's flags]   prints its lines and, at the end, the ratios
#include <benchmark/benchmark.h>
#include <fcntl.h>
#include <isa-l/crc.h>
#include <unistd.h>

#include <cstdio>
#include <filesystem>
#include <map>

#include "core/base/check.h"
#include "core/log/log_directory.h"
#include "core/protocol/codec.h"
#include "core/protocol/messages/fetch.h"
#include "core/protocol/messages/produce.h"
#include "core/records/build.h"
#include "core/records/validate.h"
#include "real/console_log.h"
#include "real/machine.h"

namespace {

using namespace trialog;

constexpr WallTime when(milliseconds(1'700'000'000'000));
const std::filesystem::path scratch = std::filesystem::current_path() / "bench_micro.data";

/// `count` records of 100 bytes.
Bytes batch_of(std::int64_t count) {
  records::BatchBuilder builder{records::BatchOptions()};
  const std::string value(100, 'v');
  for (std::int64_t i = 0; i < count; ++i) builder.add(when, "", value);
  return builder.build().bytes();
}

void counted(benchmark::State& state, std::size_t bytes) {
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(bytes));
}

void crc_limit(benchmark::State& state) {
  const auto batch = batch_of(state.range(0));
  auto* data = reinterpret_cast<unsigned char*>(const_cast<std::byte*>(batch.data()));
  for (auto _ : state) {
    benchmark::DoNotOptimize(crc32_iscsi(data, static_cast<int>(batch.size()), 0));
  }
  counted(state, batch.size());
}

void batch_parse(benchmark::State& state) {
  const auto batch = batch_of(state.range(0));
  for (auto _ : state) benchmark::DoNotOptimize(records::Batch::parse(batch));
  counted(state, batch.size());
}

void batch_validate(benchmark::State& state) {
  const auto batch = batch_of(state.range(0));
  records::Rules rules;
  rules.now = when;
  for (auto _ : state) benchmark::DoNotOptimize(records::validate(batch, rules));
  counted(state, batch.size());
}

/// Batches a commit: what arrives while the one before is written.
constexpr int group = 16;

void written_limit(benchmark::State& state, bool sync) {
  std::filesystem::create_directories(scratch);
  const auto path = scratch / "limit";
  const int fd = ::open(path.c_str(), O_CREAT | O_TRUNC | O_RDWR, 0644);
  const auto batch = batch_of(state.range(0));
  for (auto _ : state) {
    for (int i = 0; i < group; ++i) CHECK(::write(fd, batch.data(), batch.size()) > 0);
    if (sync) CHECK(::fdatasync(fd) == 0);
  }
  counted(state, batch.size() * group);
  ::close(fd);
  std::filesystem::remove_all(scratch);
}

/// A log on this machine, whose loop runs for as long as `work` takes.
class RealLog {
 public:
  explicit RealLog(log::Durability durability) : trace_(Level::error), machine_(trace_) {
    options_.durability = durability;
    tasks_ = std::make_unique<TaskGroup>(env_.executor);
    run(open());
  }
  ~RealLog() {
    log_.reset();
    tasks_.reset();
    directory_.reset();
    std::filesystem::remove_all(scratch);
  }

  void append(const Bytes& batch, int count) {
    for (int i = 0; i < count; ++i) {
      auto trusted = records::Batch::trusted(Bytes::copy_of(batch.view()));
      CHECK(log_->append_as_leader(std::move(*trusted), Epoch(0)).has_value());
    }
    run(commit());
  }
  std::size_t read(Offset from, std::size_t limit) {
    run(fetch(from, limit));
    return read_;
  }
  Offset end() const { return log_->end(); }

 private:
  void run(Task<void> task) {
    tasks_->spawn("work", stop_after(std::move(task)));
    machine_.run();
  }
  Task<void> stop_after(Task<void> task) {
    co_await task;
    machine_.stop();
  }
  Task<void> open() {
    auto options_for = [this](const TopicPartition&) { return options_; };
    auto opened = co_await log::LogDirectory::open(env_, scratch, log::DirectoryIdentity(),
                                                   std::move(options_for));
    CHECK(opened.has_value());
    directory_ = std::move(*opened);
    TopicPartition name("bench", 0);
    auto made = co_await directory_->create(std::move(name), Uuid());
    CHECK(made.has_value());
    log_ = *made;
  }
  Task<void> commit() {
    const bool kept = co_await log_->committed(log_->end());
    CHECK(kept);
  }
  Task<void> fetch(Offset from, std::size_t limit) {
    auto chain = co_await log_->read(from, log_->end(), limit);
    CHECK(chain.has_value());
    read_ = chain->size();
    std::size_t at = 0;
    for (const auto& piece : chain->pieces()) {
      const auto* range = std::get_if<FileRange>(&piece);
      if (range == nullptr) continue;
      into_.resize(range->size());
      auto got = co_await range->file().read(range->at(), into_);
      CHECK(got.has_value());
      at += *got;
    }
    benchmark::DoNotOptimize(at);
  }

  real::ConsoleLog trace_;
  real::Machine machine_;
  Env env_ = machine_.env();
  log::Options options_;
  std::unique_ptr<log::LogDirectory> directory_;
  std::shared_ptr<log::PartitionLog> log_;
  std::vector<std::byte> into_;
  std::size_t read_ = 0;
  std::unique_ptr<TaskGroup> tasks_;
};

void appended(benchmark::State& state, log::Durability durability) {
  RealLog log(durability);
  const auto batch = batch_of(state.range(0));
  for (auto _ : state) log.append(batch, group);
  counted(state, batch.size() * group);
}

constexpr std::size_t fetch_size = 1u << 20;

void pread_limit(benchmark::State& state) {
  std::filesystem::create_directories(scratch);
  const int fd = ::open((scratch / "limit").c_str(), O_CREAT | O_TRUNC | O_RDWR, 0644);
  std::vector<std::byte> buffer(fetch_size);
  CHECK(::write(fd, buffer.data(), buffer.size()) > 0);
  for (auto _ : state) CHECK(::pread(fd, buffer.data(), buffer.size(), 0) > 0);
  counted(state, fetch_size);
  ::close(fd);
  std::filesystem::remove_all(scratch);
}

/// From the beginning, which has left the memory by then, or what came last.
void fetched(benchmark::State& state, bool newest) {
  RealLog log(log::Durability::page_cache);
  const auto batch = batch_of(100);
  log.append(batch, 1000);
  const auto from =
      newest ? log.end() + -100 * static_cast<std::int64_t>(fetch_size / batch.size()) : Offset(0);
  std::size_t size = 0;
  for (auto _ : state) size = log.read(from, fetch_size);
  counted(state, size);
}

void copy_limit(benchmark::State& state) {
  const auto batch = batch_of(state.range(0));
  std::vector<std::byte> into(batch.size());
  for (auto _ : state) {
    std::copy(batch.view().begin(), batch.view().end(), into.begin());
    benchmark::DoNotOptimize(into.data());
    benchmark::ClobberMemory();
  }
  counted(state, batch.size());
}

template <class Message>
void coded(benchmark::State& state, bool decodes, const Message& message, std::int16_t version) {
  const auto size = *protocol::encoded_size(message, version);
  const auto chain = *protocol::encode(message, version);
  std::vector<std::byte> flat;
  for (const auto& piece : chain.pieces()) {
    const auto view = std::get<Bytes>(piece).view();
    flat.insert(flat.end(), view.begin(), view.end());
  }
  const Bytes bytes(std::move(flat));
  for (auto _ : state) {
    if (decodes) {
      benchmark::DoNotOptimize(protocol::decode<Message>(bytes, version));
    } else {
      benchmark::DoNotOptimize(protocol::encode(message, version));
    }
  }
  counted(state, size);
}

void produce_coded(benchmark::State& state, bool decodes) {
  protocol::ProduceRequest request;
  request.topic_data.resize(1);
  request.topic_data[0].name = "bench";
  request.topic_data[0].partition_data.resize(1);
  request.topic_data[0].partition_data[0].records = Chain(batch_of(state.range(0)));
  coded(state, decodes, request, 9);
}

void fetch_coded(benchmark::State& state, bool decodes) {
  protocol::FetchResponse response;
  response.responses.resize(1);
  response.responses[0].topic = "bench";
  response.responses[0].partitions.resize(1);
  response.responses[0].partitions[0].records = Chain(batch_of(state.range(0)));
  coded(state, decodes, response, 11);
}

/// Shows how much of the limit's rate each benchmark of the same size reaches.
class Ratios : public benchmark::ConsoleReporter {
 public:
  void ReportRuns(const std::vector<Run>& runs) override {
    ConsoleReporter::ReportRuns(runs);
    for (const auto& run : runs) {
      const auto name = run.run_name.function_name;
      const auto rate = run.counters.find("bytes_per_second");
      if (rate == run.counters.end() || rate->second.value <= 0) continue;
      const auto group_name = name.substr(0, name.find('/'));
      const auto key = group_name + " " + run.run_name.args;
      if (name.ends_with("/limit"))
        limits_[key] = rate->second.value;
      else if (limits_.contains(key))
        lines_.emplace_back(name + " " + run.run_name.args, rate->second.value / limits_[key]);
    }
  }
  void Finalize() override {
    std::printf("\n| part | of the limit's rate |\n|---|---|\n");
    for (const auto& [name, ratio] : lines_) std::printf("| %s | %.2f |\n", name.c_str(), ratio);
  }

 private:
  std::map<std::string, double> limits_;
  std::vector<std::pair<std::string, double>> lines_;
};

template <class Function, class... Args>
void add(const char* name, std::initializer_list<std::int64_t> sizes, Function function,
         Args... args) {
  auto* added = benchmark::RegisterBenchmark(
      name, [=](benchmark::State& state) { function(state, args...); });
  for (const auto size : sizes) added->Arg(size);
  added->UseRealTime();
}

}  // namespace

int main(int argc, char** argv) {
  using log::Durability;
  const auto sizes = {std::int64_t{1}, std::int64_t{10}, std::int64_t{100}, std::int64_t{5000}};
  add("batch/limit", sizes, crc_limit);
  add("batch/parse", sizes, batch_parse);
  add("batch/validate", sizes, batch_validate);
  add("append/limit", sizes, written_limit, false);
  add("append/page-cache", sizes, appended, Durability::page_cache);
  add("durable/limit", sizes, written_limit, true);
  add("durable/fsync", sizes, appended, Durability::fsync);
  add("fetch/limit", {1}, pread_limit);
  add("fetch/file", {1}, fetched, false);
  add("fetch/memory", {1}, fetched, true);
  add("code/limit", sizes, copy_limit);
  add("code/produce-decode", sizes, produce_coded, true);
  add("code/produce-encode", sizes, produce_coded, false);
  add("code/fetch-decode", sizes, fetch_coded, true);
  add("code/fetch-encode", sizes, fetch_coded, false);
  benchmark::Initialize(&argc, argv);
  Ratios ratios;
  benchmark::RunSpecifiedBenchmarks(&ratios);
}

#include <gtest/gtest.h>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>

#include "core/records/compression.h"
#include "core/records/record.h"
#include "tests/unit/log/log_story.h"

namespace trialog::log {
namespace {

namespace fs = std::filesystem;

std::string contents_of(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

/// What Kafka's dump tool prints of one batch, as far as it concerns the log.
struct DumpedBatch {
  std::map<std::string, std::string> fields;
  std::vector<std::map<std::string, std::string>> records;
};

/// "a: 1 b: 2" as a map.
std::map<std::string, std::string> fields_of(std::string line) {
  std::map<std::string, std::string> fields;
  std::istringstream words(line);
  std::string word;
  std::string key;
  while (words >> word) {
    if (!key.empty()) {
      fields.emplace(key, word);
      key.clear();
    } else if (word.ends_with(':')) {
      key = word.substr(0, word.size() - 1);
    }
  }
  return fields;
}

/// Batches by the path of their segment, such as "codecs-0/00000000000000000000.log".
std::map<std::string, std::vector<DumpedBatch>> read_dump(const fs::path& path) {
  std::map<std::string, std::vector<DumpedBatch>> dump;
  std::ifstream file(path);
  std::string segment;
  for (std::string line; std::getline(file, line);) {
    if (line.starts_with("Dumping clean/")) {
      segment = line.substr(14);
    } else if (line.starts_with("baseOffset:")) {
      dump[segment].push_back(DumpedBatch{fields_of(line), {}});
    } else if (line.starts_with("| ")) {
      dump[segment].back().records.push_back(fields_of(line.substr(2)));
    }
  }
  return dump;
}

class KafkaSample : public testing::Test {
 protected:
  void SetUp() override {
    const fs::path samples = fs::path(TRIALOG_KAFKA_DATA) / "log-samples";
    if (!fs::exists(samples / "clean.tgz")) GTEST_SKIP() << "no log samples in " << samples;
    std::string place = (fs::temp_directory_path() / "trialog-samples-XXXXXX").string();
    ASSERT_NE(mkdtemp(place.data()), nullptr);
    place_ = place;
    for (const char* name : {"clean", "crash"}) {
      const auto command =
          "tar -xzf '" + (samples / (std::string(name) + ".tgz")).string() + "' -C '" + place + "'";
      ASSERT_EQ(std::system(command.c_str()), 0);
    }
    dump_ = read_dump(place_ / "clean-dump.txt");
    ASSERT_FALSE(dump_.empty());
    story_.options().cache_bytes = 0;
    story_.options().deletes = false;
    story_.options().index_interval_bytes = 16384;
  }
  void TearDown() override {
    if (!place_.empty()) fs::remove_all(place_);
  }

  /// Copies the sample's files to the simulated disk.
  void takes(const std::string& sample) {
    auto& disk = story_.node().env().disk;
    for (const auto& entry : fs::recursive_directory_iterator(place_ / sample)) {
      const auto path = "data" / fs::relative(entry.path(), place_ / sample);
      if (entry.is_directory()) {
        ASSERT_TRUE(story_.node().run(disk.make_directory(path)).has_value());
        continue;
      }
      const auto parent = path.parent_path();
      ASSERT_TRUE(story_.node().run(disk.make_directory(parent)).has_value());
      auto copied = Bytes::copy_of(contents_of(entry.path()));
      ASSERT_TRUE(story_.node().run(replace_file(disk, path, copied)).has_value());
    }
  }

  /// Every batch of the log, one after the other, against what Kafka says of it.
  void expect_as_dumped(const TopicPartition& partition, const std::vector<DumpedBatch>& dumped,
                        bool all = true);

  LogStory story_;
  fs::path place_;
  std::map<std::string, std::vector<DumpedBatch>> dump_;
};

void expect_batch(const records::Batch& batch, const DumpedBatch& dumped) {
  const auto& fields = dumped.fields;
  EXPECT_EQ(std::to_string(batch.base().value), fields.at("baseOffset"));
  EXPECT_EQ(std::to_string(batch.end().value - 1), fields.at("lastOffset"));
  EXPECT_EQ(std::to_string(batch.count()), fields.at("count"));
  EXPECT_EQ(std::to_string(batch.producer_id().value), fields.at("producerId"));
  EXPECT_EQ(std::to_string(batch.base_sequence()), fields.at("baseSequence"));
  EXPECT_EQ(std::to_string(batch.leader_epoch().value), fields.at("partitionLeaderEpoch"));
  EXPECT_EQ(std::to_string(batch.size()), fields.at("size"));
  EXPECT_EQ(std::to_string(batch.crc()), fields.at("crc"));
  auto payload = records::uncompressed(batch, 1u << 30);
  ASSERT_TRUE(payload.has_value()) << payload.error().what();
  records::RecordReader reader(batch, payload->view());
  records::Record record;
  std::size_t at = 0;
  while (reader.next(record)) {
    ASSERT_LT(at, dumped.records.size());
    const auto& expected = dumped.records[at++];
    const auto size = [](const records::MaybeBytes& bytes) {
      return bytes ? std::to_string(bytes->size()) : "-1";
    };
    EXPECT_EQ(std::to_string(records::offset_of(batch, record).value), expected.at("offset"));
    EXPECT_EQ(size(record.key), expected.at("keySize"));
    EXPECT_EQ(size(record.value), expected.at("valueSize"));
    const auto key = expected.find("key");
    // Of its own topics Kafka prints what the keys mean.
    if (key != expected.end() && record.key && !key->second.starts_with('{')) {
      EXPECT_EQ(as_text(*record.key), key->second);
    }
  }
  EXPECT_TRUE(reader.status().has_value());
  EXPECT_EQ(at, dumped.records.size());
}

void KafkaSample::expect_as_dumped(const TopicPartition& partition,
                                   const std::vector<DumpedBatch>& dumped, bool all) {
  SCOPED_TRACE(partition.text());
  auto& log = story_.log(partition);
  auto from = log.start();
  std::size_t at = 0;
  while (from < log.committed_end()) {
    auto chain = story_.node().run(log.read(from, log.committed_end(), 1));
    ASSERT_TRUE(chain.has_value()) << chain.error().what();
    ASSERT_EQ(chain->pieces().size(), 1u);
    const auto& range = std::get<FileRange>(chain->pieces()[0]);
    ASSERT_LT(at, dumped.size());
    EXPECT_EQ(std::to_string(range.at()), dumped[at].fields.at("position"));
    Buffer buffer(range.size());
    auto got = story_.node().run(range.file().read(range.at(), buffer.room()));
    ASSERT_EQ(got.value_or(0), range.size());
    buffer.filled(*got);
    auto batch = records::Batch::parse(buffer.slice(0, *got));
    ASSERT_TRUE(batch.has_value()) << batch.error().what();
    expect_batch(*batch, dumped[at++]);
    from = batch->end();
  }
  EXPECT_TRUE(at == dumped.size() || !all);
}

/// The dump of all segments of each partition, one after the other.
std::map<std::string, std::vector<DumpedBatch>> by_partition(
    const std::map<std::string, std::vector<DumpedBatch>>& dump) {
  std::map<std::string, std::vector<DumpedBatch>> joined;
  for (const auto& [path, batches] : dump) {
    auto& all = joined[path.substr(0, path.find('/'))];
    all.insert(all.end(), batches.begin(), batches.end());
  }
  return joined;
}

TEST_F(KafkaSample, OfACleanStopIsReadRecordForRecord) {
  takes("clean");
  const auto opened = story_.opens();
  ASSERT_TRUE(opened.has_value()) << opened.error().what();
  EXPECT_EQ(story_.directory().logs().size(), 10u);
  EXPECT_EQ(story_.log(TopicPartition("codecs", 0)).topic_id().text(), "gKYt_1HsTa2sWIY2PU5SZg");
  for (const auto& [name, batches] : by_partition(dump_)) {
    const TopicPartition partition(name.substr(0, name.rfind('-')),
                                   std::stoi(name.substr(name.rfind('-') + 1)));
    expect_as_dumped(partition, batches);
  }
}

TEST_F(KafkaSample, OfACrashIsReadRecordForRecord) {
  takes("crash");
  const auto opened = story_.opens();
  ASSERT_TRUE(opened.has_value()) << opened.error().what();
  for (const auto& [name, batches] : by_partition(dump_)) {
    const TopicPartition partition(name.substr(0, name.rfind('-')),
                                   std::stoi(name.substr(name.rfind('-') + 1)));
    // The broker went on with its metadata after that copy was taken.
    expect_as_dumped(partition, batches, partition.topic != "__cluster_metadata");
  }
  for (const auto& name : story_.files(TopicPartition("compacted", 0))) {
    EXPECT_FALSE(name.ends_with(".deleted")) << name;
  }
}

TEST_F(KafkaSample, HasItsIndexesBuiltAgainByteForByte) {
  takes("crash");
  ASSERT_TRUE(story_.opens());
  const TopicPartition segments("segments", 0);
  const auto log = story_.directory().find(segments);
  EXPECT_EQ(log->end(), Offset(1500));
  ASSERT_TRUE(story_.closes());
  for (const char* base :
       {"00000000000000000000", "00000000000000000512", "00000000000000001024"}) {
    for (const char* suffix : {".index", ".timeindex"}) {
      const auto name = std::string("segments-0/") + base + suffix;
      EXPECT_EQ(to_hex(story_.bytes_of(name).view()),
                to_hex(as_bytes(contents_of(place_ / "clean" / name))))
          << name;
    }
  }
}

void expect_goes_on(LogStory& story) {
  ASSERT_TRUE(story.opens());
  const TopicPartition codecs("codecs", 0);
  const auto before = story.log(codecs).end();
  ASSERT_TRUE(story.appends(std::vector<std::string>{"one", "more"}, codecs));
  ASSERT_TRUE(story.commits(codecs));
  story.crashes();
  ASSERT_TRUE(story.opens());
  EXPECT_EQ(story.log(codecs).end(), before + 2);
}

TEST_F(KafkaSample, OfACleanStopGoesOn) {
  takes("clean");
  expect_goes_on(story_);
}

TEST_F(KafkaSample, OfACrashGoesOn) {
  takes("crash");
  expect_goes_on(story_);
}

TEST_F(KafkaSample, FindsRecordsByTimeAcrossSegments) {
  takes("clean");
  ASSERT_TRUE(story_.opens());
  auto& log = story_.log(TopicPartition("segments", 0));
  for (const int i : {0, 1, 17, 511, 512, 700, 1023, 1024, 1499}) {
    for (const int before : {0, 999}) {
      const auto when = wall_time(1'700'000'000'000 + i * 1000 - before);
      auto found = story_.node().run(log.first_at_or_after(when));
      ASSERT_TRUE(found && *found) << i;
      EXPECT_EQ((**found).offset, Offset(i));
      EXPECT_EQ((**found).timestamp, wall_time(1'700'000'000'000 + i * 1000));
    }
  }
  auto none = story_.node().run(log.first_at_or_after(wall_time(1'700'001'499'001)));
  ASSERT_TRUE(none.has_value());
  EXPECT_FALSE(none->has_value());
  auto largest = story_.node().run(log.largest_timestamp());
  ASSERT_TRUE(largest && *largest);
  EXPECT_EQ((**largest).offset, Offset(1499));
}

}  // namespace
}  // namespace trialog::log

// franz-go and sarama against a broker: topics, produce with each codec, consume from beginning, end, offset and
// time, byte for byte.   main BOOTSTRAP TOPIC-PREFIX
package main

import (
	"bytes"
	"context"
	"fmt"
	"math/rand"
	"os"
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

const start = int64(1700000000000)

var failed = false

func report(client, what string, fine bool, detail any) {
	if fine {
		fmt.Printf("ok %s %s\n", client, what)
		return
	}
	failed = true
	fmt.Printf("FAILED %s %s: %v\n", client, what, detail)
}

type sent struct {
	key, value []byte
	at         int64
}

func records(seed int64) []sent {
	chance := rand.New(rand.NewSource(seed))
	out := make([]sent, 60)
	for i := range out {
		if i%2 == 0 {
			out[i].key = []byte(fmt.Sprintf("key-%d", chance.Intn(7)))
		}
		out[i].value = make([]byte, chance.Intn(2000))
		chance.Read(out[i].value)
		out[i].at = start + int64(1000*i)
	}
	return out
}

func franz(boot, topic, codec string, compression kgo.CompressionCodec) {
	const name = "franz-go"
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	client, err := kgo.NewClient(kgo.SeedBrokers(boot), kgo.ProducerBatchCompression(compression))
	if err != nil {
		report(name, codec, false, err)
		return
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	if _, err = admin.CreateTopic(ctx, 3, 1, nil, topic); err != nil {
		report(name, codec+": create", false, err)
		return
	}
	all := records(7)
	batch := make([]*kgo.Record, len(all))
	for i, s := range all {
		batch[i] = &kgo.Record{Topic: topic, Key: s.key, Value: s.value, Timestamp: time.UnixMilli(s.at),
			Headers: []kgo.RecordHeader{{Key: "n", Value: []byte(fmt.Sprint(i))}}}
	}
	if err = client.ProduceSync(ctx, batch...).FirstErr(); err != nil {
		report(name, codec+": produce", false, err)
		return
	}
	read := func(offset map[int32]kgo.Offset, want int) []*kgo.Record {
		c, _ := kgo.NewClient(kgo.SeedBrokers(boot), kgo.ConsumePartitions(map[string]map[int32]kgo.Offset{topic: offset}))
		defer c.Close()
		limit, done := context.WithTimeout(ctx, 8*time.Second)
		defer done()
		var got []*kgo.Record
		for len(got) < want && limit.Err() == nil {
			c.PollFetches(limit).EachRecord(func(r *kgo.Record) { got = append(got, r) })
		}
		return got
	}
	first := kgo.NewOffset().AtStart()
	got := read(map[int32]kgo.Offset{0: first, 1: first, 2: first}, 60)
	wrong := 0
	count := map[int32]int64{}
	for _, r := range got {
		s := all[(r.Timestamp.UnixMilli()-start)/1000]
		if !bytes.Equal(r.Key, s.key) || !bytes.Equal(r.Value, s.value) || len(r.Headers) != 1 {
			wrong++
		}
		count[r.Partition]++
	}
	report(name, codec+": from the beginning, byte for byte", len(got) == 60 && wrong == 0, []int{len(got), wrong})
	best := int32(0)
	for p := range count {
		if count[p] > count[best] {
			best = p
		}
	}
	again := read(map[int32]kgo.Offset{best: kgo.NewOffset().At(3)}, int(count[best])-3)
	report(name, codec+": from an offset", len(again) > 0 && again[0].Offset == 3 && len(again) == int(count[best])-3, len(again))
	last := read(map[int32]kgo.Offset{best: kgo.NewOffset().AtEnd().Relative(-1)}, 1)
	report(name, codec+": from the end", len(last) == 1 && last[0].Offset == count[best]-1, last)
	timed := read(map[int32]kgo.Offset{best: kgo.NewOffset().AfterMilli(start + 30000)}, 1)
	report(name, codec+": from a time", len(timed) > 0 && timed[0].Timestamp.UnixMilli() >= start+30000, timed)
	_, err = admin.DeleteTopics(ctx, topic)
	report(name, codec+": delete", err == nil, err)
}

func saramaCheck(boot, topic, codec string, compression sarama.CompressionCodec) {
	const name = "sarama"
	config := sarama.NewConfig()
	config.Version = sarama.V2_8_0_0
	config.Producer.Return.Successes = true
	config.Producer.Compression = compression
	config.Producer.RequiredAcks = sarama.WaitForAll
	admin, err := sarama.NewClusterAdmin([]string{boot}, config)
	if err == nil {
		err = admin.CreateTopic(topic, &sarama.TopicDetail{NumPartitions: 3, ReplicationFactor: 1}, false)
	}
	if err != nil {
		report(name, codec+": create", false, err)
		return
	}
	defer admin.Close()
	client, _ := sarama.NewClient([]string{boot}, config)
	defer client.Close()
	producer, _ := sarama.NewSyncProducerFromClient(client)
	all := records(9)
	for i, s := range all {
		m := &sarama.ProducerMessage{Topic: topic, Value: sarama.ByteEncoder(s.value), Timestamp: time.UnixMilli(s.at),
			Headers: []sarama.RecordHeader{{Key: []byte("n"), Value: []byte(fmt.Sprint(i))}}}
		if s.key != nil {
			m.Key = sarama.ByteEncoder(s.key)
		}
		if _, _, err = producer.SendMessage(m); err != nil {
			report(name, codec+": produce", false, err)
			return
		}
	}
	consumer, _ := sarama.NewConsumerFromClient(client)
	read := func(p int32, offset int64, want int) []*sarama.ConsumerMessage {
		pc, err := consumer.ConsumePartition(topic, p, offset)
		if err != nil {
			return nil
		}
		defer pc.Close()
		var got []*sarama.ConsumerMessage
		limit := time.After(8 * time.Second)
		for len(got) < want {
			select {
			case m := <-pc.Messages():
				got = append(got, m)
			case <-limit:
				return got
			}
		}
		return got
	}
	count, wrong := 0, 0
	best, most := int32(0), int64(0)
	for p := int32(0); p < 3; p++ {
		end, _ := client.GetOffset(topic, p, sarama.OffsetNewest)
		for _, m := range read(p, sarama.OffsetOldest, int(end)) {
			s := all[(m.Timestamp.UnixMilli()-start)/1000]
			count++
			if !bytes.Equal(m.Key, s.key) || !bytes.Equal(m.Value, s.value) {
				wrong++
			}
		}
		if end > most {
			best, most = p, end
		}
	}
	report(name, codec+": from the beginning, byte for byte", count == 60 && wrong == 0, []int{count, wrong})
	again := read(best, 3, int(most)-3)
	report(name, codec+": from an offset", len(again) == int(most)-3 && again[0].Offset == 3, len(again))
	at, err := client.GetOffset(topic, best, start+30000)
	timed := read(best, at, 1)
	report(name, codec+": from a time", err == nil && len(timed) == 1 && timed[0].Timestamp.UnixMilli() >= start+30000, at)
	report(name, codec+": delete", admin.DeleteTopic(topic) == nil, "")
}

func main() {
	boot, prefix := os.Args[1], os.Args[2]
	names := []string{"none", "gzip", "snappy", "lz4", "zstd"}
	kgos := []kgo.CompressionCodec{kgo.NoCompression(), kgo.GzipCompression(), kgo.SnappyCompression(), kgo.Lz4Compression(), kgo.ZstdCompression()}
	saramas := []sarama.CompressionCodec{sarama.CompressionNone, sarama.CompressionGZIP, sarama.CompressionSnappy, sarama.CompressionLZ4, sarama.CompressionZSTD}
	for i, codec := range names {
		franz(boot, prefix+"-franz-"+codec, codec, kgos[i])
		saramaCheck(boot, prefix+"-sarama-"+codec, codec, saramas[i])
	}
	if failed {
		os.Exit(1)
	}
}

// Command courier serves the parcel interface.
package main

import (
	"flag"
	"log"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"example.com/courier/internal/api"
	"example.com/courier/internal/carrier"
	"example.com/courier/internal/store"
	"example.com/courier/internal/tariff"
)

func main() {
	listen := flag.String("listen", ":8080", "address to listen on")
	base := flag.String("carrier", "", "base address of the carrier")
	data := flag.String("data", ".cache", "folder for parcels and tariffs")
	flag.Parse()
	if *base == "" {
		log.Fatal("courier: -carrier is needed")
	}
	if err := os.MkdirAll(*data, 0o755); err != nil {
		log.Fatal(err)
	}
	parcels, err := store.Open(filepath.Join(*data, "parcels.json"))
	if err != nil {
		log.Fatal(err)
	}
	client := carrier.New(*base, 5*time.Second)
	server := &api.Server{
		Carrier: client,
		Parcels: parcels,
		Tariffs: tariff.Book{Source: client, Cache: filepath.Join(*data, "tariffs.json")},
	}
	log.Fatal(http.ListenAndServe(*listen, server.Handler()))
}

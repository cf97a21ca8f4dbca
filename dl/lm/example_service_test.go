package lm_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"

	"modelbook/dl/lm"
)

// service answers GET /generate?prompt=...&max=50&temperature=0.8 with what the model writes, sent as it comes.
// A client that goes away ends its own request; others go on, each with a cache of its own.
func service(t lm.Text) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /generate", func(w http.ResponseWriter, r *http.Request) {
		prompt := r.FormValue("prompt")
		most, err := strconv.Atoi(r.FormValue("max"))
		if err != nil || most < 1 || most > 1000 || prompt == "" || len(prompt) > 10_000 {
			http.Error(w, "a prompt of up to 10,000 bytes and a max of 1 to 1000 tokens are needed", http.StatusBadRequest)
			return
		}
		temperature, _ := strconv.ParseFloat(r.FormValue("temperature"), 64) // without one: the likeliest tokens
		w.Header().Set("Content-Type", "text/plain; charset=utf-8")
		for part, err := range t.Stream(r.Context(), prompt, lm.TextOptions{Options: lm.Options{MaxNew: most, Temperature: temperature}}) {
			if err != nil {
				fmt.Fprintf(w, "\n[%v]\n", err)
				return
			}
			io.WriteString(w, part)
			http.NewResponseController(w).Flush()
		}
	})
	return mux
}

func ExampleText_Stream_service() {
	writer := lm.Text{Model: tiny(), Codec: letters{}}
	server := httptest.NewServer(service(writer)) // elsewhere: http.ListenAndServe("localhost:8080", service(writer))
	defer server.Close()

	response, err := http.Get(server.URL + "/generate?" + url.Values{"prompt": {"abc"}, "max": {"20"}}.Encode())
	if err != nil {
		panic(err)
	}
	defer response.Body.Close()
	got, err := io.ReadAll(response.Body)
	want, _ := writer.Generate(context.Background(), "abc", lm.TextOptions{Options: lm.Options{MaxNew: 20}})
	fmt.Println(response.Status, string(got) == want, err)

	response, err = http.Get(server.URL + "/generate?prompt=abc")
	fmt.Println(response.Status, err)
	// Output:
	// 200 OK true <nil>
	// 400 Bad Request <nil>
}

// Which board it is: esp32, esp8266, nrf52, rp2, stm32 or zephyr.
import 'microvfs/device/esp32';

import AsyncHTTPClient
import CZlib
import Hummingbird
